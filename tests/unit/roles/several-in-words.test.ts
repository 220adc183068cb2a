import { expect, it } from "vitest";
import { severalInWords } from "@/components/roles/several-replayed";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import type { SeveralReplayed } from "@/lib/queries/roles/replay-several";

const replay = {
  ...{ version: 1, since: new Date(0), whole: true, activations: 1, assignments: 0, differing: 0 },
  ...{ figures: [], list: null, listable: true },
};
const settings = { present: defaultRoleSettings, settings: defaultRoleSettings, weakened: [] };
const role = { id: "1", roleName: "Reader", version: 1, ...settings, fault: null, replay };
const said = (found: Partial<SeveralReplayed>) =>
  severalInWords({
    ...{ roles: [role, role], requests: 40, differing: 3, whole: true, figures: [], approvers: [] },
    ...found,
  });

it("says in one sentence what a change would have done for several roles", () => {
  expect(said({})).toBe(
    "3 of 40 requests of the last 90 days for 2 roles would have had a different outcome.",
  );
  expect(said({ differing: 0, roles: [role], requests: 1 })).toBe(
    "The outcome would have been the same for the 1 request of the last 90 days for 1 role.",
  );
  expect(said({ requests: 0, differing: 0 })).toBe("Nobody asked for 2 roles here in the last 90 days.");
});

it("does not claim all of ninety days where only the newest requests were replayed", () => {
  expect(said({ whole: false })).toBe(
    "3 of 40 requests for 2 roles, the newest of each, would have had a different outcome.",
  );
  expect(said({ whole: false, differing: 0 })).toBe(
    "The outcome would have been the same for the 40 requests for 2 roles, the newest of each.",
  );
});

it("says that nothing was replayed where no role would change", () => {
  const same = { ...role, fault: "Unchanged", replay: null };
  expect(said({ roles: [same], requests: 0, differing: 0 })).toBe(
    "None of these roles would change, so nothing was replayed.",
  );
});
