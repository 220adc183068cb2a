import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import {
  type UpdateAssignmentInput,
  updateAssignment,
  updateAssignmentOperation,
} from "@/lib/operations/assignments/update-assignment";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeUser, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

async function arrange(kind: "eligible" | "active", startsAt = addDays(now, -10)) {
  const member = await at.person("Max Member");
  const role = await at.protectedRole();
  const access = await grant(at.database, kind, member.userId, role.id, at.tree.subscription.id, {
    startsAt,
    endsAt: addDays(now, 30),
  });
  const input: UpdateAssignmentInput = {
    assignmentType: kind === "eligible" ? "Eligible" : "Active",
    id: access.id,
    expected: { startsAt, endsAt: addDays(now, 30) },
    startsAt: null,
    endsAt: addDays(now, 20),
    justification: "Shorter than planned",
    proofId: null,
  };
  const prove = (of: UpdateAssignmentInput) => at.prove(updateAssignmentOperation(of));
  return { member, role, access, input, prove };
}
const endOf = async (id: string) =>
  (await at.database.client.assignment.findUniqueOrThrow({ where: { id } })).endsAt;

it("changes a direct assignment only with a proof of exactly that change, and logs before and after", async () => {
  const { input, prove, access, member } = await arrange("active");
  expect(await updateAssignment(at.database, at.owner, input)).toMatchObject(refusedBy("MfaRule"));
  const other = await prove({ ...input, endsAt: addDays(now, 25) });
  expect(await updateAssignment(at.database, at.owner, { ...input, proofId: other })).toMatchObject(
    refusedBy("MfaRule"),
  );
  expect(await endOf(access.id)).toEqual(addDays(now, 30));
  const proofId = await prove(input);
  expect(await updateAssignment(at.database, at.owner, { ...input, proofId })).toMatchObject({ ok: true });
  expect(await endOf(access.id)).toEqual(addDays(now, 20));
  const event = await at.database.client.auditEvent.findFirstOrThrow({
    where: { targetId: member.userId, outcome: "Success" },
  });
  expect(event).toMatchObject({
    kind: "ActiveAssignmentUpdated",
    factor: "Totp",
    details: {
      before: { endsAt: addDays(now, 30).toISOString() },
      after: { endsAt: addDays(now, 20).toISOString() },
    },
  });
  const again = { ...input, expected: { ...input.expected, endsAt: addDays(now, 20) }, proofId };
  expect(await updateAssignment(at.database, at.owner, again)).toMatchObject(refusedBy("MfaRule"));
});

/** Another administrator of everything, like the first. */
async function anotherOwner() {
  const other = await at.person("Otto Other");
  await grant(at.database, "active", other.userId, ownerRoleId, at.tree.root.id, {
    endsAt: addDays(now, 90),
  });
  return other;
}
const unspent = (proofId: string) =>
  at.database.client.stepUpProof.count({ where: { id: proofId, spentAt: null } });

it("refuses a change that was built on times that another has changed, with theirs, and spends no proof", async () => {
  const other = await anotherOwner();
  const { input, prove, access, member } = await arrange("active");
  const theirs = { ...input, endsAt: addDays(now, 12) };
  const proved = { ...theirs, proofId: await at.prove(updateAssignmentOperation(theirs), other) };
  expect(await updateAssignment(at.database, other, proved)).toMatchObject({ ok: true });

  const proofId = await prove(input);
  const stale = await updateAssignment(at.database, at.owner, { ...input, proofId });
  expect(stale).toMatchObject({
    ok: false,
    error: {
      code: "StaleAssignment",
      message: "Otto Other changed this assignment after you opened it.",
      shown: input.expected,
      current: { startsAt: input.expected.startsAt, endsAt: theirs.endsAt },
    },
  });
  expect(await endOf(access.id)).toEqual(theirs.endsAt);
  expect(await unspent(proofId)).toBe(1);
  const refusal = await at.database.client.auditEvent.findFirstOrThrow({
    where: { targetId: member.userId, outcome: "Failure" },
  });
  expect(refusal).toMatchObject({ kind: "ActiveAssignmentUpdated", details: { error: "StaleAssignment" } });

  // Saved again after that refusal: a proof for a change from the former times is not valid for this one.
  const informed = { ...input, expected: { ...input.expected, endsAt: theirs.endsAt } };
  expect(await updateAssignment(at.database, at.owner, { ...informed, proofId })).toMatchObject(
    refusedBy("MfaRule"),
  );
  const fresh = await prove(informed);
  expect(await updateAssignment(at.database, at.owner, { ...informed, proofId: fresh })).toMatchObject({
    ok: true,
  });
  expect(await endOf(access.id)).toEqual(input.endsAt);
});

it("notifies whoever changed it in another tab that they did so themselves, and of a start that moved", async () => {
  const { input } = await arrange("eligible", addDays(now, 5));
  const sooner = { ...input, startsAt: addDays(now, 3), endsAt: addDays(now, 30) };
  expect(await updateAssignment(at.database, at.owner, sooner)).toMatchObject({ ok: true });
  expect(await updateAssignment(at.database, at.owner, input)).toMatchObject({
    ok: false,
    error: {
      code: "StaleAssignment",
      message: "You changed this assignment after you opened it.",
      current: { startsAt: addDays(now, 3), endsAt: addDays(now, 30) },
    },
  });
});

it("lets one of two administrators who save at once succeed, and refuses the other", async () => {
  const other = await anotherOwner();
  for (const kind of ["eligible", "active"] as const) {
    const { input, access } = await arrange(kind);
    const extension = { ...input, expectedEnd: input.expected.endsAt, endsAt: addDays(now, 50) };
    const shorter = { ...input, proofId: await at.prove(updateAssignmentOperation(input)) };
    const changes = [
      () => updateAssignment(at.database, at.owner, shorter),
      async () => {
        const theirs = { ...input, endsAt: addDays(now, 12) };
        const proofId = await at.prove(updateAssignmentOperation(theirs), other);
        return updateAssignment(at.database, other, { ...theirs, proofId });
      },
      async () => {
        const operation = extendAssignmentOperation(extension);
        return extendAssignment(at.database, other, {
          ...extension,
          proofId: await at.prove(operation, other),
        });
      },
    ];
    const results = await atOnce(at.test, changes);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results.filter((each) => !each.ok))
      expect(result).toMatchObject(refusedWith("StaleAssignment"));
    const where = { where: { id: access.id } };
    const row =
      kind === "active"
        ? await at.database.client.assignment.findUniqueOrThrow(where)
        : await at.database.client.eligibility.findUniqueOrThrow(where);
    expect(row.endsAt).not.toEqual(addDays(now, 30));
  }
});

it("cannot move the start of what has begun, and moves one to come, never into the past", async () => {
  const begun = await arrange("eligible");
  expect(
    await updateAssignment(at.database, at.owner, { ...begun.input, startsAt: addDays(now, 1) }),
  ).toMatchObject({ ok: false, error: { code: "InvalidRoleAssignmentRequestSchedule", field: "startsAt" } });
  const planned = await arrange("eligible", addDays(now, 5));
  expect(
    await updateAssignment(at.database, at.owner, { ...planned.input, startsAt: addDays(now, -5) }),
  ).toMatchObject({ ok: true });
  const row = await at.database.client.eligibility.findUniqueOrThrow({ where: { id: planned.access.id } });
  expect([row.startsAt, row.endsAt]).toEqual([now, addDays(now, 20)]);
});

it("cuts activations short with their eligibility, and leaves those that end sooner", async () => {
  const { input, member, role, access } = await arrange("eligible");
  const activate = (startsAt: Date, endsAt: Date, resourceId: string) =>
    pastTheRules(at.database, (to) =>
      to.assignment.create({
        data: {
          principalId: member.userId,
          roleDefinitionId: role.id,
          resourceId,
          assignmentType: "Activated",
          eligibilityId: access.id,
          startsAt,
          endsAt,
        },
      }),
    );
  const sooner = await activate(addMinutes(now, -60), addMinutes(now, 20), at.tree.subscription.id);
  const longer = await activate(addMinutes(now, -60), addMinutes(now, 120), at.tree.group.id);
  const planned = await activate(addMinutes(now, 60), addMinutes(now, 120), at.tree.subscription.id);
  expect(
    await updateAssignment(at.database, at.owner, { ...input, endsAt: addMinutes(now, 30) }),
  ).toMatchObject({ ok: true });
  expect(await endOf(sooner.id)).toEqual(addMinutes(now, 20));
  expect(await endOf(longer.id)).toEqual(addMinutes(now, 30));
  expect(await endOf(planned.id)).toEqual(addMinutes(now, 60));
});

it("keeps the last permanent active Owner permanent, of two that shorten each other too", async () => {
  const owners = async () =>
    at.database.client.assignment.count({ where: { roleDefinitionId: ownerRoleId, endsAt: null } });
  const shorten = ({ id, startsAt }: { id: string; startsAt: Date }): UpdateAssignmentInput => ({
    assignmentType: "Active",
    id,
    expected: { startsAt, endsAt: null },
    startsAt: null,
    endsAt: addDays(now, 30),
    justification: "No standing access",
    proofId: null,
  });
  expect(await updateAssignment(at.database, at.owner, shorten(at.ownerAssignment))).toMatchObject(
    refusedWith("LastOwner"),
  );
  const second = await makeUser(at.database, "Otto Owner");
  const assignment = await grant(at.database, "active", second.id, ownerRoleId, at.tree.root.id);
  const proved = async (input: UpdateAssignmentInput) => ({
    ...input,
    proofId: await at.prove(updateAssignmentOperation(input)),
  });
  const shortened = [await proved(shorten(at.ownerAssignment)), await proved(shorten(assignment))];
  const results = await atOnce(
    at.test,
    shortened.map((input) => () => updateAssignment(at.database, at.owner, input)),
  );
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(await owners()).toBe(1);
});

it("reports every failed rule, refuses whoever may not, and does not touch activations", async () => {
  const { input, member, role, access } = await arrange("active");
  expect(
    await updateAssignment(at.database, at.owner, { ...input, endsAt: null, justification: "" }),
  ).toMatchObject(refusedBy("ExpirationRule", "JustificationRule", "MfaRule"));
  expect(await updateAssignment(at.database, member, input)).toMatchObject(
    refusedWith("AuthorizationFailed"),
  );
  expect(await updateAssignment(at.database, await at.person("Eve"), input)).toMatchObject(
    refusedWith("NotFound"),
  );
  const eligibility = await grant(at.database, "eligible", member.userId, role.id, at.tree.group.id);
  const activation = await pastTheRules(at.database, (to) =>
    to.assignment.create({
      data: {
        principalId: member.userId,
        roleDefinitionId: role.id,
        resourceId: at.tree.group.id,
        assignmentType: "Activated",
        eligibilityId: eligibility.id,
        startsAt: now,
        endsAt: addMinutes(now, 60),
      },
    }),
  );
  expect(await updateAssignment(at.database, at.owner, { ...input, id: activation.id })).toMatchObject(
    refusedWith("NotFound"),
  );
  expect(await endOf(access.id)).toEqual(addDays(now, 30));
});
