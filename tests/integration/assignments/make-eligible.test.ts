import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import {
  makeEligible,
  makeEligibleOperation,
  previewMakeEligible,
  type RowToMakeEligible,
} from "@/lib/operations/assignments/make-eligible";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeActivation,
  makeCaller,
  makeGroup,
  makeRole,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const because = { justification: "Less standing access" };
const open = (settings: Record<string, unknown> = {}) =>
  at.protectedRole({ assignmentRequiresMfa: false, version: 1, ...settings });

async function standing(roleId: string, endsAt: Date | null = null, name = "Max Member") {
  const member = await at.person(name);
  const assignment = await grant(at.database, "active", member.userId, roleId, at.tree.subscription.id, {
    startsAt: addDays(now, -10),
    endsAt,
  });
  return { member, assignment };
}

const preview = (caller: Caller, ...ids: string[]) =>
  previewMakeEligible(at.database, caller, { ids, ...because }, noIssuers);

/** The rows as the preview shows them. */
async function shownTo(caller: Caller, ...ids: string[]) {
  const { results } = await preview(caller, ...ids);
  return results.map((result, index) => {
    if (!result.ok) throw new Error(result.error.code);
    return { id: ids[index] ?? "", shown: result.shown } satisfies RowToMakeEligible;
  });
}

const apply = (caller: Caller, rows: readonly RowToMakeEligible[], proofId: string | null = null) =>
  makeEligible(at.database, caller, { rows, ...because, proofId }, noIssuers);

const eligibilityOf = (principalId: string) =>
  at.database.client.eligibility.findMany({ where: { principalId }, orderBy: { startsAt: "asc" } });
const assignmentOf = (id: string) => at.database.client.assignment.findUniqueOrThrow({ where: { id } });

it("ends the assignment and gives an eligibility as long as the settings allow, in one transaction, with one event", async () => {
  const role = await open({ eligibleMaximumDays: 90 });
  const { member, assignment } = await standing(role.id);
  const rows = await shownTo(at.owner, assignment.id);
  expect(rows[0]?.shown).toMatchObject({ endsAt: null, eligibleUntil: addDays(now, 90), keptId: null });
  expect((await assignmentOf(assignment.id)).endsAt).toBeNull();
  expect(await apply(at.owner, rows)).toMatchObject([{ ok: true }]);
  expect(await assignmentOf(assignment.id)).toMatchObject({ endsAt: now, removedAt: now });
  const [made] = await eligibilityOf(member.userId);
  expect(made).toMatchObject({ startsAt: now, endsAt: addDays(now, 90), roleDefinitionId: role.id });
  expect(await at.eventsOf(member.userId)).toEqual(["EligibleAssignmentReplacedActive Success"]);
  const request = await at.database.client.request.findFirstOrThrow({
    where: { assignmentId: assignment.id },
  });
  expect(request).toMatchObject({
    ...{ requestType: "AdminUpdate", status: "Provisioned" },
    ...{ resultingEligibilityId: made?.id, ...because },
  });
});

it("never lets an eligibility outlive the assignment that it replaces, whatever the form says", async () => {
  const role = await open({ eligibleMaximumDays: null });
  const short = await standing(role.id, addDays(now, 5));
  const permanent = await standing(role.id);
  const rows = await shownTo(at.owner, short.assignment.id, permanent.assignment.id);
  expect(rows.map(({ shown }) => shown.eligibleUntil)).toEqual([addDays(now, 5), null]);
  for (const eligibleUntil of [null, addDays(now, 6)]) {
    const forged = rows.slice(0, 1).map((row) => ({ ...row, shown: { ...row.shown, eligibleUntil } }));
    expect(await apply(at.owner, forged)).toMatchObject([
      refusedWith("InvalidRoleAssignmentRequestSchedule"),
    ]);
  }
  expect(await apply(at.owner, rows)).toMatchObject([{ ok: true }, { ok: true }]);
});

it("lets the settings in force judge, and refuses what changed since the preview, saying what", async () => {
  const role = await open({ eligibleMaximumDays: null });
  const { member, assignment } = await standing(role.id);
  const rows = await shownTo(at.owner, assignment.id);
  const policy = { resourceId: at.tree.subscription.id, roleDefinitionId: role.id };
  const edit = (data: object) =>
    at.database.client.roleManagementPolicy.updateMany({ where: policy, data: { ...data, version: 2 } });
  await edit({ eligibleMaximumDays: 30 });
  expect(await apply(at.owner, rows)).toMatchObject([refusedBy("ExpirationRule")]);
  await edit({ eligibleMaximumDays: null, activationRequiresMfa: false });
  expect(await apply(at.owner, rows)).toMatchObject([refusedWith("StaleEdit")]);
  await edit({ activationRequiresMfa: true });
  await pastTheRules(at.database, (to) =>
    to.assignment.update({ where: { id: assignment.id }, data: { endsAt: addDays(now, 20) } }),
  );
  expect(await apply(at.owner, rows)).toMatchObject([refusedWith("StaleAssignment")]);
  const fresh = await shownTo(at.owner, assignment.id);
  await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id);
  expect(await apply(at.owner, fresh)).toMatchObject([
    { error: { code: "StaleEdit", message: expect.stringContaining("became eligible") } },
  ]);
  expect((await assignmentOf(assignment.id)).removedAt).toBeNull();
});

it("only removes the assignment of whoever may activate the role already", async () => {
  const role = await open();
  const { member, assignment } = await standing(role.id);
  const kept = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(now, -1),
    endsAt: addDays(now, 7),
  });
  const rows = await shownTo(at.owner, assignment.id);
  expect(rows[0]?.shown).toMatchObject({ eligibleUntil: addDays(now, 7), keptId: kept.id });
  await removeAssignment(at.database, at.owner, {
    assignmentType: "Eligible",
    id: kept.id,
    justification: null,
  });
  expect(await apply(at.owner, rows)).toMatchObject([refusedWith("StaleEdit")]);
  expect((await assignmentOf(assignment.id)).removedAt).toBeNull();
  const later = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(now, 3),
    endsAt: addDays(now, 9),
  });
  expect((await preview(at.owner, assignment.id)).results).toMatchObject([
    refusedWith("RoleAssignmentExists"),
  ]);
  await removeAssignment(at.database, at.owner, {
    assignmentType: "Eligible",
    id: later.id,
    justification: null,
  });
  await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, { startsAt: now });
  expect(await apply(at.owner, await shownTo(at.owner, assignment.id))).toMatchObject([{ ok: true }]);
  expect((await eligibilityOf(member.userId)).filter(({ removedAt }) => removedAt === null)).toHaveLength(1);
});

it("keeps the last Owner, break-glass accounts, service principals, activations and what others hold", async () => {
  const role = await open();
  expect((await preview(at.owner, at.ownerAssignment.id)).results).toMatchObject([refusedWith("LastOwner")]);

  const guarded = await standing(role.id);
  await at.database.client.breakGlassAccount.create({
    data: { userId: guarded.member.userId, namedById: at.owner.userId, reason: "Fire" },
  });
  const robot = await at.database.client.principal.create({
    data: { type: "ServicePrincipal", displayName: "Robot" },
  });
  const ofRobot = await grant(at.database, "active", robot.id, role.id, at.tree.subscription.id);
  const eligible = await at.person("Ella Eligible");
  const eligibility = await grant(at.database, "eligible", eligible.userId, role.id, at.tree.subscription.id);
  const activation = await pastTheRules(at.database, (to) => makeActivation(to, eligibility, now, 60));
  const disabled = await standing(role.id);
  await at.database.client.principal.update({
    where: { id: disabled.member.userId },
    data: { disabledAt: now },
  });
  const ids = [guarded.assignment.id, ofRobot.id, activation.id, disabled.assignment.id, eligibility.id];
  const { results } = await preview(at.owner, ...ids);
  expect(results.map((result) => !result.ok && result.error.code)).toEqual([
    ...["Conflict", "Conflict", "Conflict", "NotFound", "NotFound"],
  ]);
});

it("takes both permissions, at the assignment's own resource", async () => {
  const role = await open();
  const { assignment } = await standing(role.id);
  const rows = await shownTo(at.owner, assignment.id);
  for (const actions of [
    ["Microsoft.Authorization/roleAssignmentScheduleRequests/*"],
    ["Microsoft.Authorization/roleEligibilityScheduleRequests/*"],
  ]) {
    const caller = await at.person("Half Way");
    const half = await makeRole(at.database, "Half", { actions: ["*/read", ...actions] });
    await grant(at.database, "active", caller.userId, half.id, at.tree.root.id);
    expect(await apply(caller, rows)).toMatchObject([refusedWith("AuthorizationFailed")]);
  }
  expect(await apply(await at.person("Eve Else"), rows)).toMatchObject([{ ok: false }]);
  const below = await at.person("Bea Below");
  const admin = await makeRole(at.database, "Admin", { actions: ["*"] });
  await grant(at.database, "active", below.userId, admin.id, at.tree.group.id);
  expect(await apply(below, rows)).toMatchObject([{ ok: false }]);
});

it("takes a code for what is one's own or a group's of one's own, for exactly what was shown", async () => {
  const role = await open();
  const caller = await at.person("Ada Admin");
  const admin = await makeRole(at.database, "Admin", { actions: ["*"] });
  await grant(at.database, "active", caller.userId, admin.id, at.tree.root.id);
  const own = await grant(at.database, "active", caller.userId, role.id, at.tree.subscription.id);
  const group = await makeGroup(at.database, [caller.userId], "Ada's group");
  const ofGroup = await grant(at.database, "active", group.id, role.id, at.tree.subscription.id);
  for (const id of [own.id, ofGroup.id]) {
    const seen = await preview(caller, id);
    expect(seen.needsCode).toBe(true);
    const rows = await shownTo(caller, id);
    expect(await apply(caller, rows)).toMatchObject([refusedBy("MfaRule")]);
    const other = rows.map((row) => ({ ...row, shown: { ...row.shown, eligibleUntil: addDays(now, 1) } }));
    expect(await apply(caller, rows, await at.prove(makeEligibleOperation(other), caller))).toMatchObject([
      refusedBy("MfaRule"),
    ]);
    expect(await apply(caller, rows, await at.prove(makeEligibleOperation(rows), caller))).toMatchObject([
      { ok: true },
    ]);
  }
});

it("lets somebody give up the very role that allows it", async () => {
  const second = await makeCaller(at.database, await makeUser(at.database, "Otto Owner"));
  const assignment = await grant(at.database, "active", second.userId, ownerRoleId, at.tree.root.id);
  const rows = await shownTo(second, assignment.id);
  expect(await apply(second, rows, await at.prove(makeEligibleOperation(rows), second))).toMatchObject([
    { ok: true },
  ]);
  expect(await apply(second, rows)).toMatchObject([{ ok: false }]);
});

it("says who could not activate the role, and whether approvers are missing", async () => {
  const approver = await at.person("Ann Approver");
  const role = await open({
    approvalRequired: true,
    approvalStages: [
      {
        ...{ approverIds: [approver.userId], approvalsNeeded: 1, timeoutHours: 24 },
        escalationApproverIds: [],
      },
    ],
  });
  const { assignment } = await standing(role.id);
  const group = await makeGroup(at.database, [approver.userId, (await at.person("Gus")).userId], "Two");
  const ofGroup = await grant(at.database, "active", group.id, role.id, at.tree.subscription.id);
  const free = await standing((await open()).id);
  const { results } = await preview(at.owner, assignment.id, ofGroup.id, free.assignment.id);
  const readiness = results.map((result) => (result.ok ? result.readiness : null));
  expect(readiness).toEqual([
    { group: false, people: 1, withoutFactor: 1, phishingResistant: false, approval: "Required" },
    { group: true, people: 2, withoutFactor: 2, phishingResistant: false, approval: "Short" },
    { group: false, people: 1, withoutFactor: 1, phishingResistant: false, approval: "None" },
  ]);
});

it("moves what was to begin later to its own start, with no moment of the assignment left", async () => {
  const role = await open({ eligibleMaximumDays: 30 });
  const member = await at.person("Lara Later");
  const planned = await grant(at.database, "active", member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(now, 3),
    endsAt: null,
  });
  expect(await apply(at.owner, await shownTo(at.owner, planned.id))).toMatchObject([{ ok: true }]);
  expect(await assignmentOf(planned.id)).toMatchObject({ endsAt: addDays(now, 3) });
  expect(await eligibilityOf(member.userId)).toMatchObject([
    { startsAt: addDays(now, 3), endsAt: addDays(now, 33) },
  ]);
});

const succeeded = (results: readonly { ok: boolean }[]) => results.map(({ ok }) => ok);

it("lets one of two administrators win, and is beaten by a removal that came first", async () => {
  const role = await open();
  const { member, assignment } = await standing(role.id);
  const rows = await shownTo(at.owner, assignment.id);
  const both = await atOnce(at.test, [() => apply(at.owner, rows), () => apply(at.owner, rows)]);
  expect(both.flatMap(succeeded).sort()).toEqual([false, true]);
  expect(await eligibilityOf(member.userId)).toHaveLength(1);

  const removed = await standing(role.id);
  const shown = await shownTo(at.owner, removed.assignment.id);
  const input = { assignmentType: "Active" as const, id: removed.assignment.id, justification: null };
  const [, late] = await oneAfterTheOther(
    at.test,
    () => removeAssignment(at.database, at.owner, input),
    () => apply(at.owner, shown),
  );
  expect(late).toMatchObject([refusedWith("RoleAssignmentDoesNotExist")]);
  expect(await eligibilityOf(removed.member.userId)).toEqual([]);
});

it("keeps an eligibility that a removal beside it would take", async () => {
  const role = await open();
  const { member, assignment } = await standing(role.id);
  const kept = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id);
  const rows = await shownTo(at.owner, assignment.id);
  const remove = { assignmentType: "Eligible" as const, id: kept.id, justification: null };
  const [removal, late] = await oneAfterTheOther(
    at.test,
    () => removeAssignment(at.database, at.owner, remove),
    () => apply(at.owner, rows),
  );
  expect([removal, late]).toMatchObject([{ ok: true }, [refusedWith("StaleEdit")]]);
  expect((await assignmentOf(assignment.id)).removedAt).toBeNull();
});

it("leaves one Owner when both are made eligible at once, by somebody who is none", async () => {
  const own = await makeAdministration(() => now);
  try {
    const other = await makeCaller(own.database, await makeUser(own.database, "Otto Owner"));
    const second = await grant(own.database, "active", other.userId, ownerRoleId, own.tree.root.id);
    const admin = await own.person("Ada Admin");
    const role = await makeRole(own.database, "Admin", { actions: ["*"] });
    await grant(own.database, "active", admin.userId, role.id, own.tree.root.id);
    const seen = async (id: string) => {
      const { results } = await previewMakeEligible(
        own.database,
        admin,
        { ids: [id], ...because },
        noIssuers,
      );
      return results.flatMap((result) => (result.ok ? [{ id, shown: result.shown }] : []));
    };
    const [first, last] = [await seen(second.id), await seen(own.ownerAssignment.id)];
    const run = (rows: readonly RowToMakeEligible[]) =>
      makeEligible(own.database, admin, { rows, ...because, proofId: null }, noIssuers);
    const results = await atOnce(own.test, [() => run(first), () => run(last)]);
    expect(
      results
        .flat()
        .map((result) => (result.ok ? "done" : result.error.code))
        .sort(),
    ).toEqual(["LastOwner", "done"]);
  } finally {
    await own.test.drop();
  }
});
