import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fieldsOf, optionalMoment } from "@/lib/web/form-fields";

const shape = z.object({ startsAt: optionalMoment });

function read(fields: Readonly<Record<string, string>>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return shape.safeParse(fieldsOf(form));
}

describe("a moment that a form gives", () => {
  it("is empty only when nothing was typed", () => {
    expect(read({ startsAt: "", startsAtLocal: "" }).data).toEqual({ startsAt: null });
    expect(read({ startsAtLocal: "" }).data).toEqual({ startsAt: null });
    expect(read({}).data).toEqual({ startsAt: null });
  });

  it("is what the browser read, in UTC", () => {
    const given = read({ startsAt: "2026-12-12T09:00:00.000Z", startsAtLocal: "2026-12-12T10:00" });
    expect(given.data).toEqual({ startsAt: new Date("2026-12-12T09:00:00Z") });
  });

  it("is refused when it was typed and could not be read, and never taken for none", () => {
    const typed: Record<string, string>[] = [
      { startsAt: "unread", startsAtLocal: "" },
      { startsAt: "", startsAtLocal: "2026-12-12T10:00" },
      { startsAtLocal: "2026-12-12T10:00" },
      { startsAt: "+012026-12-12T10:00:00.000Z", startsAtLocal: "12026-12-12T10:00" },
      // An older date is still stored while the page shows one that cannot be read, or another one.
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "20261-12-12T10:00" },
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "202612-12-12T10:00" },
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "2027-12-12T10:00" },
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "yesterday" },
      // Other forms, which Date.parse would guess.
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "12/12/2026 10:00" },
      { startsAt: "2026-12-12T10:00:00.000Z", startsAtLocal: "2026-12-12" },
    ];
    for (const fields of typed) {
      const refused = read(fields);
      expect(refused.success, JSON.stringify(fields)).toBe(false);
      expect(refused.error?.issues.map(({ path }) => path)).toEqual([["startsAt"]]);
    }
  });
});
