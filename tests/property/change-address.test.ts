import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyApprovalStage } from "@/lib/domain/roles/approval-settings";
import {
  activeMaximumDaysChoices,
  defaultRoleSettings,
  eligibleMaximumDaysChoices,
  type RoleSettings,
} from "@/lib/domain/roles/role-settings";
import {
  changeIn,
  editAddress,
  type SharedChange,
  sharedFlags,
  sharedPeriods,
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
const saved: fc.Arbitrary<RoleSettings> = fc
  .record({
    approvalRequired: fc.boolean(),
    approvalRequiresStepUp: fc.boolean(),
    provisioningRequiresMfa: fc.boolean(),
    breakGlassMaximumMinutes: fc.constantFrom(null, 30, 60),
    changes: change,
  })
  .map(({ changes, ...approval }) => ({
    ...defaultRoleSettings,
    ...approval,
    ...changes,
    approvalStages: approval.approvalRequired
      ? [{ ...emptyApprovalStage, approvalsNeeded: 2, timeoutHours: 5 }]
      : [],
  }));

const queryOf = (address: string) =>
  Object.fromEntries(new URL(address, "http://localhost").searchParams) as Record<string, string>;

describe("a change of role settings in an address", () => {
  it("fills the edit form with exactly the settings that were replayed", () => {
    fc.assert(
      fc.property(saved, change, (before, changes) => {
        const proposed = { ...before, ...changes };
        expect(typedSettings(before, queryOf(editAddress("/edit", proposed, 3)))).toEqual(proposed);
      }),
    );
  });

  it("is read as it was chosen, and is nothing where nothing was", () => {
    fc.assert(
      fc.property(change, (changes) => {
        const query: Record<string, string> = {};
        for (const [name, value] of Object.entries(changes))
          query[name] =
            value === null
              ? "permanent"
              : typeof value === "boolean"
                ? value
                  ? "yes"
                  : "no"
                : String(name === "activationMaximumMinutes" ? value / 60 : value);
        expect(changeIn(query)).toEqual(changes);
      }),
    );
    const empty = ["activationMaximumMinutes", ...sharedFlags, ...Object.keys(sharedPeriods)];
    expect(changeIn(Object.fromEntries(empty.map((name) => [name, ""])))).toEqual({});
  });

  it("ignores what was made up, and keeps a wrong duration, which is refused with the settings", () => {
    expect(changeIn({ activationRequiresMfa: "maybe", eligibleMaximumDays: "17", other: "yes" })).toEqual({});
    expect(changeIn({ activationRequiresMfa: ["yes", "no"] })).toEqual({});
    expect(changeIn({ activationMaximumMinutes: "soon" })).toEqual({ activationMaximumMinutes: 0 });
  });
});
