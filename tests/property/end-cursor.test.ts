import fc from "fast-check";
import { expect, it } from "vitest";
import { endCursorText, parseEndCursor } from "@/lib/domain/end-cursor";

it("finds the place again that an address carries, and nothing in any other text", () => {
  const end = fc.option(fc.bigInt({ min: 0n, max: 9_999_999_999_999_999n }));
  fc.assert(
    fc.property(end, fc.uuid(), (endMicroseconds, id) => {
      const cursor = { endMicroseconds, id };
      expect(parseEndCursor(endCursorText(cursor))).toEqual(cursor);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseEndCursor(text)).toBeNull();
    }),
  );
});
