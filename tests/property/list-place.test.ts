import fc from "fast-check";
import { expect, it } from "vitest";
import { listPlaceText, parseListPlace } from "@/lib/queries/list-place";

it("finds the place again that an address carries, and nothing in any other text", () => {
  const key = fc.string().filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3 }), fc.uuid(), (keys, id) => {
      const text = listPlaceText(keys, id);
      expect(parseListPlace(text, keys.length)).toEqual([...keys, id]);
      expect(parseListPlace(text, keys.length + 1)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseListPlace(text, 1)).toBeNull();
    }),
  );
});
