import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeRole, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

const end = addDays(start, 60);

async function arrange(kind: "eligible" | "active", endsAt: Date | null) {
  const member = await at.person("Max Member");
  const role = await at.protectedRole();
  const access = await grant(at.database, kind, member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(start, -60),
    endsAt,
  });
  const input = {
    assignmentType: kind === "eligible" ? ("Eligible" as const) : ("Active" as const),
    id: access.id,
    expectedEnd: endsAt,
    startsAt: null as Date | null,
    endsAt: end as Date | null,
    justification: "The project goes on" as string | null,
    proofId: null as string | null,
  };
  return { member, role, access, input };
}
const assignmentsOf = (principalId: string) =>
  at.database.client.assignment.findMany({ where: { principalId }, orderBy: { startsAt: "asc" } });

describe("an administrator's extension", () => {
  it("moves the end of an eligibility and cancels what the member was waiting for", async () => {
    const { member, access, input } = await arrange("eligible", addDays(start, 10));
    await requestExtension(at.database, member, { ...input, endsAt: end });
    expect(await extendAssignment(at.database, at.owner, input)).toMatchObject({ ok: true });
    const row = await at.database.client.eligibility.findUniqueOrThrow({ where: { id: access.id } });
    expect(row.endsAt).toEqual(end);
    expect(await at.eventsOf(member.userId)).toEqual([
      "ExtensionRequested Success",
      "ExtensionCanceled Success",
      "EligibleAssignmentExtended Success",
    ]);
    const requests = await at.database.client.request.findMany({
      where: { eligibilityId: access.id },
      orderBy: { requestType: "asc" },
    });
    expect(requests.map(({ requestType, status }) => [requestType, status])).toEqual([
      ["AdminExtend", "Provisioned"],
      ["SelfExtend", "Canceled"],
    ]);
  });

  it("takes a proof for a direct assignment, its own alone, and reports every failed rule", async () => {
    const { member, input } = await arrange("active", addDays(start, 10));
    const another = await arrange("active", addDays(start, 10));
    expect(
      await extendAssignment(at.database, at.owner, {
        ...input,
        endsAt: addDays(start, 400),
        justification: null,
      }),
    ).toMatchObject(refusedBy("ExpirationRule", "JustificationRule", "MfaRule"));
    const foreign = await at.prove(extendAssignmentOperation(another.input));
    expect(await extendAssignment(at.database, at.owner, { ...input, proofId: foreign })).toMatchObject(
      refusedBy("MfaRule"),
    );
    const proofId = await at.prove(extendAssignmentOperation(input));
    const results = await atOnce(at.test, [
      () => extendAssignment(at.database, at.owner, { ...input, proofId }),
      () => extendAssignment(at.database, at.owner, { ...input, proofId }),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect((await assignmentsOf(member.userId)).map(({ endsAt }) => endsAt)).toEqual([end]);
  });

  it("refuses an earlier end, what is permanent, what has ended, and what would overlap", async () => {
    const { input, member, role } = await arrange("eligible", addDays(start, 10));
    expect(
      await extendAssignment(at.database, at.owner, { ...input, endsAt: addDays(start, 9) }),
    ).toMatchObject(refusedWith("InvalidRoleAssignmentRequestSchedule"));
    await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, {
      startsAt: addDays(start, 20),
      endsAt: addDays(start, 30),
    });
    expect(await extendAssignment(at.database, at.owner, input)).toMatchObject(
      refusedWith("RoleAssignmentExists"),
    );
    expect(
      await extendAssignment(at.database, at.owner, { ...input, endsAt: addDays(start, 20) }),
    ).toMatchObject({ ok: true });
    const ended = await arrange("eligible", addDays(start, -1));
    expect(await extendAssignment(at.database, at.owner, ended.input)).toMatchObject(
      refusedWith("RoleAssignmentDoesNotExist"),
    );
    expect(
      await extendAssignment(at.database, at.owner, {
        ...input,
        assignmentType: "Active",
        id: at.ownerAssignment.id,
        expectedEnd: null,
      }),
    ).toMatchObject(refusedWith("InvalidRoleAssignmentRequestSchedule"));
    const owners = await at.database.client.assignment.findMany({
      where: { roleDefinitionId: ownerRoleId, endsAt: null },
    });
    expect(owners).toHaveLength(1);
  });

  it("is refused where the end is another than was shown, though it would be later than either", async () => {
    const { input, access } = await arrange("active", addDays(start, 10));
    await pastTheRules(at.database, (to) =>
      to.assignment.update({
        where: { id: access.id },
        data: { endsAt: addDays(start, 2) },
      }),
    );
    const proofId = await at.prove(extendAssignmentOperation(input));
    expect(await extendAssignment(at.database, at.owner, { ...input, proofId })).toMatchObject({
      ok: false,
      error: {
        code: "StaleAssignment",
        shown: { endsAt: addDays(start, 10) },
        current: { endsAt: addDays(start, 2) },
      },
    });
    expect((await assignmentsOf(access.principalId)).map(({ endsAt }) => endsAt)).toEqual([
      addDays(start, 2),
    ]);
    const proof = await at.database.client.stepUpProof.findUniqueOrThrow({ where: { id: proofId } });
    expect(proof.spentAt).toBeNull();
  });

  it("is for administrators of the scope, and not for the disabled", async () => {
    const { input, member } = await arrange("eligible", addDays(start, 10));
    const stranger = await at.person("Eve Else");
    expect(await extendAssignment(at.database, stranger, input)).toMatchObject(refusedWith("NotFound"));
    const reader = await makeRole(at.database, "Reader", { actions: ["*/read"] });
    await grant(at.database, "active", stranger.userId, reader.id, at.tree.root.id);
    expect(await extendAssignment(at.database, stranger, input)).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    await at.database.client.principal.update({
      where: { id: member.userId },
      data: { disabledAt: start },
    });
    expect(await extendAssignment(at.database, at.owner, input)).toMatchObject(refusedWith("NotFound"));
  });
});

describe("an administrator's renewal", () => {
  it("makes a new row from now or later, and links it to the old one", async () => {
    const { member, access, input } = await arrange("eligible", addDays(start, -40));
    const later = addDays(start, 2);
    const result = await renewAssignment(at.database, at.owner, { ...input, startsAt: later });
    const rows = await at.database.client.eligibility.findMany({
      where: { principalId: member.userId },
      orderBy: { startsAt: "asc" },
    });
    expect(rows.map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual([
      [addDays(start, -60), addDays(start, -40)],
      [later, end],
    ]);
    expect(result).toMatchObject({ ok: true, id: rows[1]?.id });
    expect(
      await at.database.client.request.findFirstOrThrow({ where: { eligibilityId: access.id } }),
    ).toMatchObject({
      requestType: "AdminRenew",
      status: "ScheduleCreated",
      resultingEligibilityId: rows[1]?.id,
    });
  });

  it("takes a proof for a direct assignment, and one of two at once wins", async () => {
    const { member, input } = await arrange("active", addDays(start, -1));
    expect(await renewAssignment(at.database, at.owner, input)).toMatchObject(refusedBy("MfaRule"));
    expect(await assignmentsOf(member.userId)).toHaveLength(1);
    const proofs = [
      await at.prove(renewAssignmentOperation(input)),
      await at.prove(renewAssignmentOperation(input)),
    ];
    const results = await atOnce(
      at.test,
      proofs.map((proofId) => () => renewAssignment(at.database, at.owner, { ...input, proofId })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.find((result) => !result.ok)).toMatchObject(refusedWith("RoleAssignmentExists"));
    const unspent = await at.database.client.stepUpProof.count({
      where: { id: { in: proofs }, spentAt: null },
    });
    expect(unspent).toBe(1);
  });

  it("refuses what has not ended, and what was removed", async () => {
    const running = await arrange("eligible", addDays(start, 5));
    expect(await renewAssignment(at.database, at.owner, running.input)).toMatchObject(
      refusedWith("RoleAssignmentDoesNotExist"),
    );
    await removeAssignment(at.database, at.owner, {
      assignmentType: "Eligible",
      id: running.access.id,
      justification: null,
    });
    now = addDays(start, 6);
    expect(await renewAssignment(at.database, at.owner, running.input)).toMatchObject(
      refusedWith("RoleAssignmentDoesNotExist"),
    );
  });
});
