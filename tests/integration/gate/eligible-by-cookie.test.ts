import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { makeEligible, previewMakeEligible } from "@/lib/operations/assignments/make-eligible";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { type Administration, makeAdministration, refusedBy } from "../../support/administration";
import { grant, makeGroup, makeRole } from "../../support/factories";
import { roleGivingAccess } from "../../support/gates/eligible";

// What a thief of an active Owner's session can do for an accomplice, who would activate with a factor of their own.
// Each way to make somebody eligible has a row in every-gate.test.ts.

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** Makes an accomplice eligible. */
async function eligible(roleDefinitionId: string, resourceId = at.tree.root.id) {
  const accomplice = await at.person("Ann Accomplice");
  const input = {
    ...{ assignmentType: "Eligible" as const, roleDefinitionId, resourceId, justification: "Helps" },
    ...{ principalIds: [accomplice.userId], startsAt: null, endsAt: addDays(now, 30) },
  };
  return {
    accomplice,
    with: (proofId: string | null) => assignRole(at.database, at.owner, { ...input, proofId }),
    prove: () => at.prove(assignRoleOperation(input)),
  };
}

it("makes no accomplice eligible for Owner without a code, and says why it takes one", async () => {
  const ann = await eligible(ownerRoleId);
  const given = await ann.with(null);
  expect(given).toMatchObject(refusedBy("MfaRule"));
  expect(JSON.stringify(given)).toContain("activate a role that can give access to others");
  expect(await at.database.client.eligibility.count()).toBe(0);

  expect(await ann.with(await ann.prove())).toMatchObject({ ok: true });
  const [event] = await at.database.client.auditEvent.findMany({
    where: { targetId: ann.accomplice.userId, outcome: "Success" },
  });
  expect(event?.proofId).not.toBeNull();
  expect(event?.details).toMatchObject({ stepUp: ["RoleGivesAccess"] });
});

it("takes the code where the settings ask for none on direct assignment, and at every place", async () => {
  const role = await roleGivingAccess(at, { assignmentRequiresMfa: false, version: 1 });
  for (const place of [at.tree.root.id, at.tree.subscription.id, at.tree.group.id])
    expect(await (await eligible(role.id, place)).with(null)).toMatchObject(refusedBy("MfaRule"));
});

it("takes it for each kind of power over others' access, and for no role that only works with resources", async () => {
  const takes = async (...actions: string[]) =>
    !(await (await eligible((await makeRole(at.database, "Role", { actions })).id)).with(null)).ok;
  const of = (what: string) => `Microsoft.Authorization/${what}`;
  for (const what of [
    "roleEligibilityScheduleRequests/write",
    "roleManagementPolicies/write",
    "principals/*",
  ])
    expect(await takes("*/read", of(what)), what).toBe(true);
  expect(await takes(of("roleDefinitions/write"))).toBe(true);
  expect(await takes("Microsoft.Compute/*", "*/read")).toBe(false);
});

it("is asked for of more time alone: less of such an eligibility takes no code", async () => {
  const member = await at.person("Max Member");
  const role = await roleGivingAccess(at);
  const times = { startsAt: addDays(now, -10), endsAt: addDays(now, 10) };
  const of = ["eligible", member.userId, role.id, at.tree.subscription.id] as const;
  const { id } = await grant(at.database, ...of, times);
  const until = (endsAt: Date) =>
    updateAssignment(at.database, at.owner, {
      ...{ assignmentType: "Eligible", id, expected: times, startsAt: null, endsAt },
      ...{ justification: "Planned", proofId: null },
    });
  expect(await until(addDays(now, 11))).toMatchObject(refusedBy("MfaRule"));
  expect(await until(addDays(now, 9))).toMatchObject({ ok: true });
});

it("takes none to make a standing assignment of such a role eligible: its member had more", async () => {
  const member = await at.person("Max Member");
  const group = await makeGroup(at.database, [member.userId]);
  const ids: string[] = [];
  for (const holder of [member.userId, group.id])
    ids.push((await grant(at.database, "active", holder, ownerRoleId, at.tree.subscription.id)).id);
  const because = { justification: "Activate it when it is needed" };
  const { results } = await previewMakeEligible(at.database, at.owner, { ids, ...because }, noIssuers);
  const rows = results.map((result, index) => ({
    ...{ id: ids[index] ?? "", shown: result.ok ? result.shown : null },
  }));
  const made = await makeEligible(at.database, at.owner, { rows, ...because, proofId: null }, noIssuers);
  expect(made).toMatchObject([{ ok: true }, { ok: true }]);
});
