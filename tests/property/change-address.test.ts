import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activeMaximumDaysChoices, eligibleMaximumDaysChoices } from "@/lib/domain/roles/duration-choices";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import {
  changeIn,
  editAddress,
  type SharedChange,
  sharedFlags,
  sharedPeriods,
  startIn,
} from "@/lib/web/change-address";
import { typedSettings } from "@/lib/web/replay-address";

const minutes = fc.integer({ min: 1, max: 48 }).map((halves) => halves * 30);
const change: fc.Arbitrary<SharedChange> = fc.record(
  {
    activationMaximumMinutes: minutes,
    ...Object.fromEntries(sharedFlags.map((name) => [name, fc.boolean()])),
    eligibleMaximumDays: fc.constantFrom(null, ...eligibleMaximumDaysChoices),
    activeMaximumDays: fc.constantFrom(null, ...activeMaximumDaysChoices),
  },
  { requiredKeys: [] },
);
const queryOf = (address: string) =>
  Object.fromEntries(new URL(address, "http://localhost").searchParams) as Record<string, string>;

describe("a change of role settings in an address", () => {
  it("opens the edit form with that change alone, whatever the settings are by then", () => {
    fc.assert(
      fc.property(change, fc.constantFrom(null, "default"), (changes, start) => {
        const query = queryOf(editAddress("/edit", changes, start));
        expect(changeIn(query)).toEqual(changes);
        expect(startIn(query)).toBe(start);
        expect(typedSettings(defaultRoleSettings, query)).toBeNull();
      }),
    );
  });

  it("is nothing where nothing was chosen", () => {
    const empty = ["activationMaximumMinutes", ...sharedFlags, ...Object.keys(sharedPeriods)];
    expect(changeIn(Object.fromEntries(empty.map((name) => [name, ""])))).toEqual({});
  });

  it("ignores what was made up, and keeps a wrong duration, which is refused with the settings", () => {
    expect(changeIn({ activationRequiresMfa: "maybe", eligibleMaximumDays: "17", other: "yes" })).toEqual({});
    expect(changeIn({ activationRequiresMfa: ["yes", "no"] })).toEqual({});
    expect(changeIn({ activationMaximumMinutes: "soon" })).toEqual({ activationMaximumMinutes: 0 });
  });
});
