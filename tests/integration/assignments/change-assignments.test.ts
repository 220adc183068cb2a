import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import {
  type AssignmentRow,
  changeAssignments,
  extendAssignmentsOperation,
  previewChange,
  renewAssignmentsOperation,
} from "@/lib/operations/assignments/change-assignments";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
const end = addDays(now, 60);
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** An eligibility and two direct assignments with MFA, one of them permanent, so that it cannot be extended. */
async function arrange() {
  const member = await at.person("Max Member");
  const role = await at.protectedRole();
  const give = (kind: "eligible" | "active", resourceId: string, endsAt: Date | null) =>
    grant(at.database, kind, member.userId, role.id, resourceId, { startsAt: addDays(now, -9), endsAt });
  const eligible = await give("eligible", at.tree.subscription.id, addDays(now, 10));
  const active = await give("active", at.tree.subscription.id, addDays(now, 10));
  const permanent = await give("active", at.tree.group.id, null);
  const rows: AssignmentRow[] = [
    { assignmentType: "Active", id: permanent.id, expectedEnd: null },
    { assignmentType: "Active", id: active.id, expectedEnd: addDays(now, 10) },
    { assignmentType: "Eligible", id: eligible.id, expectedEnd: addDays(now, 10) },
  ];
  const extend = { rows, change: { change: "Extend" as const, endsAt: end }, justification: "Next phase" };
  const endOf = async () => [
    (await at.database.client.assignment.findUniqueOrThrow({ where: { id: active.id } })).endsAt,
    (
      await at.database.client.eligibility.findUniqueOrThrow({
        where: { id: eligible.id },
      })
    ).endsAt,
  ];
  return { member, role, rows, extend, endOf, eligible, active, permanent };
}
const counts = async () => [
  await at.database.client.request.count(),
  await at.database.client.auditEvent.count(),
];

it("previews each row by the same rules, says that a code is needed, and writes nothing", async () => {
  const { extend, endOf } = await arrange();
  const before = [await counts(), await endOf()];
  const preview = await previewChange(at.database, at.owner, extend);
  expect(preview.needsCode).toBe(true);
  expect(preview.results).toMatchObject([
    refusedWith("InvalidRoleAssignmentRequestSchedule"),
    { ok: true, change: "Extend", before: { endsAt: addDays(now, 10) }, after: { endsAt: end } },
    { ok: true, change: "Extend", after: { endsAt: end } },
  ]);
  expect([await counts(), await endOf()]).toEqual(before);
});

it("extends with one proof what may be extended, and logs what was refused beside it", async () => {
  const { extend, rows, endOf, member } = await arrange();
  const proofId = await at.prove(extendAssignmentsOperation([...rows].reverse(), end));
  const results = await changeAssignments(at.database, at.owner, { ...extend, proofId });
  expect(results.map((result) => result.ok)).toEqual([false, true, true]);
  expect(await endOf()).toEqual([end, end]);
  expect((await at.eventsOf(member.userId)).sort()).toEqual([
    "ActiveAssignmentExtended Failure",
    "ActiveAssignmentExtended Success",
    "EligibleAssignmentExtended Success",
  ]);
  const proof = await at.database.client.stepUpProof.findUniqueOrThrow({
    where: { id: proofId },
    include: { requests: true },
  });
  expect(proof.spentAt).not.toBeNull();
  expect(proof.requests).toHaveLength(1);
});

it("without a proof, or with one for other rows, extends the eligibility alone", async () => {
  const { extend, rows, endOf } = await arrange();
  const proofId = await at.prove(extendAssignmentsOperation(rows.slice(1), end));
  const results = await changeAssignments(at.database, at.owner, { ...extend, proofId });
  expect(results).toMatchObject([
    refusedWith("InvalidRoleAssignmentRequestSchedule"),
    refusedBy("MfaRule"),
    { ok: true },
  ]);
  expect(await endOf()).toEqual([addDays(now, 10), end]);
  const proof = await at.database.client.stepUpProof.findUniqueOrThrow({ where: { id: proofId } });
  expect(proof.spentAt).toBeNull();
});

it("leaves the proof unspent, and nothing behind but refusals, when no row succeeds", async () => {
  const { extend, rows } = await arrange();
  const direct = { ...extend, rows: rows.slice(0, 2), justification: null };
  const proofId = await at.prove(extendAssignmentsOperation(direct.rows, end));
  const [requests] = await counts();
  const results = await changeAssignments(at.database, at.owner, { ...direct, proofId });
  expect(results[1]).toMatchObject(refusedBy("JustificationRule"));
  expect((await counts())[0]).toBe(requests);
  const again = { ...direct, justification: "Next phase", proofId };
  expect((await changeAssignments(at.database, at.owner, again)).map((result) => result.ok)).toEqual([
    false,
    true,
  ]);
});

it("leaves a row whose end has changed since the preview showed it, and extends the others", async () => {
  const { extend, rows, endOf, active } = await arrange();
  await pastTheRules(at.database, (to) =>
    to.assignment.update({ where: { id: active.id }, data: { endsAt: addDays(now, 3) } }),
  );
  const preview = await previewChange(at.database, at.owner, extend);
  expect(preview.results[1]).toMatchObject({ ok: true, before: { endsAt: addDays(now, 3) } });
  const proofId = await at.prove(extendAssignmentsOperation(rows, end));
  expect(await changeAssignments(at.database, at.owner, { ...extend, proofId })).toMatchObject([
    refusedWith("InvalidRoleAssignmentRequestSchedule"),
    { ok: false, error: { code: "StaleAssignment", current: { endsAt: addDays(now, 3) } } },
    { ok: true },
  ]);
  expect(await endOf()).toEqual([addDays(now, 3), end]);
  const proof = await at.database.client.stepUpProof.findUniqueOrThrow({ where: { id: proofId } });
  expect(proof.spentAt).toBeNull();
});

it("spends one proof once, of two batches at once", async () => {
  const { extend, rows } = await arrange();
  const direct = { ...extend, rows: rows.slice(1, 2) };
  const proofId = await at.prove(extendAssignmentsOperation(direct.rows, end));
  const both = await atOnce(at.test, [
    () => changeAssignments(at.database, at.owner, { ...direct, proofId }),
    () => changeAssignments(at.database, at.owner, { ...direct, proofId }),
  ]);
  expect(both.flat().filter((result) => result.ok)).toHaveLength(1);
});

it("removes what may be removed, keeps the last Owner, and answers for foreign rows as for unknown ones", async () => {
  const { rows, active, member } = await arrange();
  const unknown = { assignmentType: "Active" as const, id: crypto.randomUUID(), expectedEnd: null };
  const lastOwner = { assignmentType: "Active" as const, id: at.ownerAssignment.id, expectedEnd: null };
  const input = { rows: [lastOwner, unknown, ...rows], change: { change: "Remove" as const } };
  const remove = { ...input, justification: "The team is dissolved", proofId: null };
  const preview = await previewChange(at.database, at.owner, remove);
  expect(preview.needsCode).toBe(false);
  expect(preview.results.map((result) => result.ok)).toEqual([false, false, true, true, true]);
  const stranger = await at.person("Eve Else");
  const refused = await changeAssignments(at.database, stranger, remove);
  expect(new Set(refused.map((result) => (result.ok ? "ok" : result.error.code)))).toEqual(
    new Set(["NotFound"]),
  );
  const results = await changeAssignments(at.database, at.owner, remove);
  expect(results).toMatchObject([
    refusedWith("LastOwner"),
    refusedWith("NotFound"),
    { ok: true, change: "Remove" },
    { ok: true },
    { ok: true },
  ]);
  expect(
    (await at.database.client.assignment.findUniqueOrThrow({ where: { id: active.id } })).endsAt,
  ).toEqual(now);
  expect(
    (await at.eventsOf(member.userId)).filter((event) => event.endsWith("Removed Success")),
  ).toHaveLength(3);
});

/** An eligibility and a direct assignment with MFA that expired, one that was removed, and one that has not ended. */
async function arrangeExpired() {
  const member = await at.person("Ray Renewed");
  const role = await at.protectedRole();
  const give = (kind: "eligible" | "active", days: number, resourceId = at.tree.subscription.id) =>
    grant(at.database, kind, member.userId, role.id, resourceId, {
      startsAt: addDays(now, -90),
      endsAt: addDays(now, days),
    });
  const eligible = await give("eligible", -3);
  const active = await give("active", -2);
  const removed = await give("active", 30, at.tree.group.id);
  await changeAssignments(at.database, at.owner, {
    rows: [{ assignmentType: "Active", id: removed.id, expectedEnd: null }],
    change: { change: "Remove" },
    justification: null,
    proofId: null,
  });
  const running = await give("eligible", 5, at.tree.group.id);
  const rows: AssignmentRow[] = [
    { assignmentType: "Active", id: removed.id, expectedEnd: null },
    { assignmentType: "Eligible", id: running.id, expectedEnd: null },
    { assignmentType: "Active", id: active.id, expectedEnd: null },
    { assignmentType: "Eligible", id: eligible.id, expectedEnd: null },
  ];
  const change = { change: "Renew" as const, startsAt: addDays(now, 1), endsAt: end };
  const renewed = () =>
    at.database.client.request.count({ where: { principalId: member.userId, requestType: "AdminRenew" } });
  return { member, rows, renew: { rows, change, justification: "Next phase" }, change, renewed };
}

it("renews what expired by its time with one proof, as new rows that begin when chosen, and nothing else", async () => {
  const { member, rows, renew, change, renewed } = await arrangeExpired();
  const preview = await previewChange(at.database, at.owner, renew);
  expect(preview.needsCode).toBe(true);
  expect(preview.results.map((result) => result.ok)).toEqual([false, false, true, true]);
  expect(await renewed()).toBe(0);
  const proofId = await at.prove(renewAssignmentsOperation(rows, change.startsAt, end));
  const results = await changeAssignments(at.database, at.owner, { ...renew, proofId });
  expect(results).toMatchObject([
    refusedWith("RoleAssignmentDoesNotExist"),
    refusedWith("RoleAssignmentDoesNotExist"),
    { ok: true, change: "Renew", after: { startsAt: change.startsAt, endsAt: end } },
    { ok: true, change: "Renew" },
  ]);
  expect((await at.eventsOf(member.userId)).filter((event) => event.includes("Renewed")).sort()).toEqual([
    "ActiveAssignmentRenewed Failure",
    "ActiveAssignmentRenewed Success",
    "EligibleAssignmentRenewed Failure",
    "EligibleAssignmentRenewed Success",
  ]);
  const again = await changeAssignments(at.database, at.owner, { ...renew, proofId });
  expect(again.map((result) => result.ok)).toEqual([false, false, false, false]);
  expect(await renewed()).toBe(2);
});

it("renews no direct assignment without a proof, or with one for another time or fewer rows", async () => {
  const { rows, renew, change, renewed } = await arrangeExpired();
  const others = [
    null,
    await at.prove(renewAssignmentsOperation(rows, null, end)),
    await at.prove(renewAssignmentsOperation(rows.slice(2), change.startsAt, end)),
    await at.prove(extendAssignmentsOperation(rows, end)),
  ];
  const direct = { ...renew, rows: rows.slice(2, 3) };
  for (const proofId of others) {
    expect(await changeAssignments(at.database, at.owner, { ...direct, proofId })).toMatchObject([
      refusedBy("MfaRule"),
    ]);
  }
  const stranger = await at.person("Eve Else");
  const foreign = await changeAssignments(at.database, stranger, { ...renew, proofId: null });
  expect(foreign).toMatchObject(rows.map(() => refusedWith("NotFound")));
  expect(await renewed()).toBe(0);
});

it("two batches over the same rows in opposite orders both end, each row removed once", async () => {
  const several = await Promise.all(Array.from({ length: 4 }, arrange));
  const rows = several.flatMap((each) => each.rows);
  const remove = { change: { change: "Remove" as const }, justification: null, proofId: null };
  const both = await atOnce(at.test, [
    () => changeAssignments(at.database, at.owner, { ...remove, rows }),
    () => changeAssignments(at.database, at.owner, { ...remove, rows: [...rows].reverse() }),
  ]);
  expect(both.flat().filter((result) => result.ok)).toHaveLength(rows.length);
});
