import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { activation, severalActivations } from "@/app/(portal)/my-roles/activation-shapes";
import { changeOfMany, changeOfOne } from "@/app/(portal)/resources/[resourceId]/assignments/change-shapes";
import { endOrPermanent, fieldsOf } from "@/lib/web/form-fields";

const id = "01a051ae-b800-7e3c-b393-a08c44c2e469";
const now = "2026-11-28T12:00:00.000Z";
const rows = JSON.stringify([{ assignmentType: "Active", id, expectedEnd: now }]);
const items = JSON.stringify([{ eligibilityId: id, resourceId: id, durationMinutes: 60 }]);

/** The messages of one field. */
function faults(shape: z.ZodType, field: string, fields: Readonly<Record<string, string>>): string[] {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const read = shape.safeParse(fieldsOf(form));
  return read.error?.issues.filter(({ path }) => path[0] === field).map(({ message }) => message) ?? [];
}

const forms: [string, z.ZodType, Record<string, string>, string][] = [
  ["assigns", endOrPermanent, {}, "Choose an end, or Permanently."],
  [
    "changes one assignment",
    changeOfOne,
    { change: "Extend", assignmentType: "Active", id, expectedStart: now, expectedEnd: now },
    "Choose an end, or Permanently.",
  ],
  ["extends many", changeOfMany, { change: "Extend", rows }, "Choose an end."],
  ["renews many", changeOfMany, { change: "Renew", rows }, "Choose an end."],
];

describe.each(forms)("a form that %s", (_, shape, fields, message) => {
  it("asks for an end that was cleared or left out", () => {
    expect(faults(shape, "endsAt", { ...fields, endsAt: "", endsAtLocal: "" })).toEqual([message]);
    expect(faults(shape, "endsAt", fields)).toEqual([message]);
  });

  it("refuses an end that is half typed", () => {
    expect(faults(shape, "endsAt", { ...fields, endsAt: "unread", endsAtLocal: "" })).toContain(
      "Enter a full date and a time, with the year in four digits.",
    );
  });
});

describe("a form that activates", () => {
  const one = { eligibilityId: id, resourceId: id };

  it.each(["", " ", "abc", "-1"])("asks for a duration when %j is typed", (duration) => {
    expect(faults(activation, "duration", { ...one, duration })).toEqual(["Choose a duration."]);
    expect(faults(severalActivations, "duration", { items, duration })).toEqual(["Choose a duration."]);
  });

  it("asks for a duration that is left out, and refuses more than a day", () => {
    expect(faults(activation, "duration", one)).toEqual(["Choose a duration."]);
    expect(faults(activation, "duration", { ...one, duration: "25" })).toEqual(["Choose at most 24 hours."]);
  });

  it("asks for a later start that was cleared or half typed", () => {
    for (const startsAt of ["", "unread"])
      expect(faults(activation, "startsAt", { ...one, duration: "1", when: "later", startsAt })).not.toEqual(
        [],
      );
  });
});
