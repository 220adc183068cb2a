import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { action } from "@/lib/domain/roles/permissions";
import { addDays } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { changeAssignments } from "@/lib/operations/assignments/change-assignments";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import {
  approveExtensionsOperation,
  type DecideExtensionsInput,
  decideExtensions,
  type ExtensionRow,
  previewExtensions,
} from "@/lib/operations/assignments/decide-extensions";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeRole, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
const soon = addDays(now, 10);
const requestedEnd = addDays(now, 60);
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** A member's request to extend a role whose direct assignments require MFA. */
async function proposal(kind: "eligible" | "active", ends = soon, asking?: Caller) {
  const member = asking ?? (await at.person("Max Member"));
  const role = await at.protectedRole();
  const access = await grant(at.database, kind, member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(now, -60),
    endsAt: ends,
  });
  const ask = ends > now ? requestExtension : requestRenewal;
  const asked = await ask(at.database, member, {
    assignmentType: kind === "eligible" ? "Eligible" : "Active",
    id: access.id,
    endsAt: requestedEnd,
    justification: "The project goes on",
  });
  if (!asked.ok) throw new Error(JSON.stringify(asked.error));
  const endOf = async () =>
    kind === "eligible"
      ? (await at.database.client.eligibility.findUniqueOrThrow({ where: { id: access.id } })).endsAt
      : (await at.database.client.assignment.findUniqueOrThrow({ where: { id: access.id } })).endsAt;
  const row: ExtensionRow = { id: asked.requestId, expectedEnd: ends };
  return { member, role, access, row, endOf };
}
const input = (
  rows: readonly ExtensionRow[],
  decision: DecideExtensionsInput["decision"] = "Approve",
): DecideExtensionsInput => ({ rows, decision, justification: "Agreed with the project" });
const decide = (of: DecideExtensionsInput, proofId: string | null = null, caller = at.owner) =>
  decideExtensions(at.database, caller, { ...of, proofId });
const statuses = async (rows: readonly ExtensionRow[]) => {
  const found = await at.database.client.request.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
  });
  return rows.map((row) => found.find(({ id }) => id === row.id)?.status);
};
const spentAt = async (proofId: string) =>
  (await at.database.client.stepUpProof.findUniqueOrThrow({ where: { id: proofId } })).spentAt;
const counts = async () => [
  await at.database.client.request.count({ where: { status: "PendingApproval" } }),
  await at.database.client.auditEvent.count(),
];

it("previews each by the same rules, says that a code is needed, and writes nothing", async () => {
  const [eligible, active, expired] = [
    await proposal("eligible"),
    await proposal("active"),
    await proposal("eligible", addDays(now, -5)),
  ];
  const rows = [eligible.row, active.row, expired.row];
  const before = [await counts(), await eligible.endOf()];
  const preview = await previewExtensions(at.database, at.owner, input(rows));
  expect(preview.needsCode).toBe(true);
  expect(preview.results).toMatchObject([
    { ok: true, before: { endsAt: soon }, approved: { verb: "Extended", after: { endsAt: requestedEnd } } },
    { ok: true, approved: { verb: "Extended" } },
    { ok: true, approved: { verb: "Renewed", after: { startsAt: now, endsAt: requestedEnd } } },
  ]);
  expect((await previewExtensions(at.database, at.owner, input([eligible.row]))).needsCode).toBe(false);
  expect((await previewExtensions(at.database, at.owner, input(rows, "Deny"))).needsCode).toBe(false);
  expect([await counts(), await eligible.endOf()]).toEqual(before);
});

it("approves with one proof what may be approved, each as it was asked for, and logs what was refused beside it", async () => {
  const [eligible, active, second, removed, own] = [
    await proposal("eligible"),
    await proposal("active"),
    await proposal("active"),
    await proposal("active"),
    await proposal("eligible", soon, at.owner),
  ];
  await pastTheRules(at.database, (to) =>
    to.assignment.update({
      where: { id: removed.access.id },
      data: { removedAt: now, endsAt: now },
    }),
  );
  const rows = [own.row, removed.row, second.row, active.row, eligible.row];
  const proofId = await at.prove(approveExtensionsOperation([...rows].reverse()));
  expect(await decide(input(rows), proofId)).toMatchObject([
    refusedWith("OwnRequest"),
    refusedWith("RoleAssignmentDoesNotExist"),
    { ok: true },
    { ok: true },
    { ok: true },
  ]);
  expect(await statuses(rows)).toEqual([
    "PendingApproval",
    "PendingApproval",
    "Provisioned",
    "Provisioned",
    "Provisioned",
  ]);
  for (const each of [eligible, active, second]) expect(await each.endOf()).toEqual(requestedEnd);
  expect(await spentAt(proofId)).toEqual(now);
  expect(await at.eventsOf(active.member.userId)).toEqual([
    "ExtensionRequested Success",
    "ExtensionApproved Success",
    "ActiveAssignmentExtended Success",
  ]);
  expect((await at.eventsOf(removed.member.userId)).at(-1)).toBe("ExtensionApproved Failure");
  const proved = await at.database.client.request.findMany({ where: { proofId } });
  expect(proved.map(({ id }) => id).sort()).toEqual([active.row.id, second.row.id].sort());
});

it("without a proof, or with one for others, approves the eligible ones alone", async () => {
  const [eligible, active] = [await proposal("eligible"), await proposal("active")];
  const rows = [active.row, eligible.row];
  const proofId = await at.prove(approveExtensionsOperation([active.row]));
  expect(await decide(input(rows), proofId)).toMatchObject([refusedBy("MfaRule"), { ok: true }]);
  expect(await spentAt(proofId)).toBeNull();
  expect(await decide(input([active.row]), proofId)).toMatchObject([{ ok: true }]);
});

it("denies all with one reason and no proof, and needs the reason", async () => {
  const both = [await proposal("eligible"), await proposal("active")];
  const rows = both.map(({ row }) => row);
  expect(await decide({ ...input(rows, "Deny"), justification: " " })).toMatchObject(
    rows.map(() => refusedBy("JustificationRule")),
  );
  expect(await decide(input(rows, "Deny"))).toMatchObject(rows.map(() => ({ ok: true, approved: null })));
  expect(await statuses(rows)).toEqual(["Denied", "Denied"]);
  for (const each of both) expect(await each.endOf()).toEqual(soon);
  expect(await decide(input(rows))).toMatchObject(rows.map(() => refusedWith("RequestNotPending")));
});

it("leaves what has another end than the preview showed, and approves the others", async () => {
  const [changed, other] = [await proposal("active"), await proposal("active")];
  await pastTheRules(at.database, (to) =>
    to.assignment.update({
      where: { id: changed.access.id },
      data: { endsAt: addDays(now, 2) },
    }),
  );
  const rows = [changed.row, other.row];
  const preview = await previewExtensions(at.database, at.owner, input(rows));
  expect(preview.results).toMatchObject([{ ok: true, before: { endsAt: addDays(now, 2) } }, { ok: true }]);
  const proofId = await at.prove(approveExtensionsOperation(rows));
  expect(await decide(input(rows), proofId)).toMatchObject([refusedWith("StaleAssignment"), { ok: true }]);
  expect(await changed.endOf()).toEqual(addDays(now, 2));
});

it("is for administrators of the scope, type by type; to others no such request exists", async () => {
  const [eligible, active] = [await proposal("eligible"), await proposal("active")];
  const rows = [eligible.row, active.row, { id: crypto.randomUUID(), expectedEnd: null }];
  const stranger = await at.person("Eve Else");
  for (const decision of ["Approve", "Deny"] as const)
    expect(await decide(input(rows, decision), null, stranger)).toMatchObject(
      rows.map(() => refusedWith("NotFound")),
    );
  expect(
    await createChallenge(at.database, stranger, approveExtensionsOperation(rows.slice(0, 2))),
  ).toBeNull();
  const role = await makeRole(at.database, "Eligibility giver", {
    actions: [action.readAssignments, action.writeEligibility],
  });
  const giver = await at.person("Gil Giver");
  await grant(at.database, "active", giver.userId, role.id, at.tree.subscription.id);
  expect(await decide(input(rows), null, giver)).toMatchObject([
    { ok: true },
    refusedWith("AuthorizationFailed"),
    refusedWith("NotFound"),
  ]);
  const challenge = await createChallenge(at.database, at.owner, approveExtensionsOperation([active.row]));
  expect(challenge?.description).toMatchObject({
    title: "Approve 1 request to extend or renew",
    details: [
      {
        label: expect.stringMatching(/^Contributor of Max Member \(\S+@contoso\.example\) on Production$/),
        value: requestedEnd.toISOString(),
      },
    ],
  });
});

it("decides each once, of two administrators at once, and of a batch and a single decision", async () => {
  const other = await at.person("Otto Other");
  await grant(at.database, "active", other.userId, ownerRoleId, at.tree.root.id, {
    endsAt: addDays(now, 90),
  });
  const several = await Promise.all(Array.from({ length: 4 }, () => proposal("eligible")));
  const rows = several.map(({ row }) => row);
  const [first] = rows;
  if (!first) throw new Error("no rows");
  const results = await atOnce(at.test, [
    () => decide(input(rows)),
    () => decide(input([...rows].reverse(), "Deny"), null, other),
    () =>
      decideExtension(at.database, other, {
        requestId: first.id,
        decision: { decision: "Deny" },
        justification: "No",
        proofId: null,
      }),
  ]);
  expect(results.flat().filter((result) => result.ok)).toHaveLength(rows.length);
  for (const [index, status] of (await statuses(rows)).entries())
    expect(await several[index]?.endOf()).toEqual(status === "Denied" ? soon : requestedEnd);
});

it("does not cross with a batch that extends the same in another order", async () => {
  const several = [...(await Promise.all(Array.from({ length: 3 }, () => proposal("eligible"))))];
  const rows = several.map(({ row }) => row);
  const extension = {
    rows: several
      .map(({ access }) => ({ assignmentType: "Eligible" as const, id: access.id, expectedEnd: soon }))
      .reverse(),
    change: { change: "Extend" as const, endsAt: addDays(now, 30) },
    justification: "Next phase",
    proofId: null,
  };
  const [decided, extended] = await atOnce(at.test, [
    () => decide(input(rows)),
    () => changeAssignments(at.database, at.owner, extension),
  ]);
  // The first to reach a row wins: an administrator's own extension cancels the member's waiting request.
  for (const [index, result] of decided.entries())
    expect(result.ok).toBe(!extended[rows.length - 1 - index]?.ok);
});
