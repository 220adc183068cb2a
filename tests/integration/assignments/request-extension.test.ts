import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeGroup, pastTheRules } from "../../support/factories";

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

async function arrange(kind: "eligible" | "active" = "eligible", endsAt: Date | null = addDays(start, 10)) {
  const member = await at.person("Max Member");
  const role = await at.protectedRole();
  const startsAt = addDays(start, -60);
  const access = await grant(at.database, kind, member.userId, role.id, at.tree.subscription.id, {
    startsAt,
    endsAt,
  });
  const input = {
    assignmentType: kind === "eligible" ? ("Eligible" as const) : ("Active" as const),
    id: access.id,
    endsAt: addDays(start, 60),
    justification: "The project goes on" as string | null,
  };
  return { member, role, access, input };
}

it.each(["eligible", "active"] as const)(
  "lets a member ask to extend an %s assignment: it waits, nothing changes, and it is logged",
  async (kind) => {
    const { member, access, input } = await arrange(kind);
    const result = await requestExtension(at.database, member, input);
    expect(result).toMatchObject({ ok: true });
    const request = await at.database.client.request.findFirstOrThrow({
      where: { requestorId: member.userId },
    });
    expect(request).toMatchObject({
      requestType: "SelfExtend",
      status: "PendingApproval",
      endsAt: input.endsAt,
      completedAt: null,
    });
    expect(kind === "eligible" ? request.eligibilityId : request.assignmentId).toBe(access.id);
    expect(await at.eventsOf(member.userId)).toEqual(["ExtensionRequested Success"]);
  },
);

it("opens fourteen days before the end and closes with it; then renewal opens for thirty days", async () => {
  const { member, input, access } = await arrange("eligible", addDays(start, 20));
  const end = addDays(start, 20);
  const proposal = { ...input, endsAt: addDays(start, 90) };
  now = addMinutes(addDays(end, -14), -1);
  expect(await requestExtension(at.database, member, proposal)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  expect(await requestRenewal(at.database, member, proposal)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  now = end;
  expect(await requestExtension(at.database, member, proposal)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  now = addDays(end, 30);
  expect(await requestRenewal(at.database, member, proposal)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  now = addMinutes(addDays(end, 30), -1);
  expect(await requestRenewal(at.database, member, proposal)).toMatchObject({ ok: true });
  expect(await at.database.client.request.count({ where: { eligibilityId: access.id } })).toBe(1);
});

it("reports every failed rule: too long, and without a reason", async () => {
  const { member, input } = await arrange();
  expect(
    await requestExtension(at.database, member, {
      ...input,
      endsAt: addDays(start, 400),
      justification: " ",
    }),
  ).toMatchObject(refusedBy("ExpirationRule", "JustificationRule"));
  expect(await requestExtension(at.database, member, { ...input, endsAt: addDays(start, 9) })).toMatchObject({
    ok: false,
    error: { code: "InvalidRoleAssignmentRequestSchedule", field: "endsAt" },
  });
});

it("has one request waiting per assignment, of any number at once", async () => {
  const { member, input } = await arrange();
  const results = await atOnce(
    at.test,
    Array.from({ length: 10 }, () => () => requestExtension(at.database, member, input)),
  );
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  for (const result of results.filter((each) => !each.ok))
    expect(result).toMatchObject(refusedWith("RoleAssignmentRequestExists"));
});

it("answers for another person's assignment as for an unknown one, and serves a group's members", async () => {
  const { input } = await arrange();
  const stranger = await at.person("Eve Else");
  expect(await requestExtension(at.database, stranger, input)).toMatchObject(refusedWith("NotFound"));
  const role = await at.protectedRole();
  const group = await makeGroup(at.database, [stranger.userId]);
  const shared = await grant(at.database, "eligible", group.id, role.id, at.tree.subscription.id, {
    endsAt: addDays(start, 5),
  });
  expect(await requestExtension(at.database, stranger, { ...input, id: shared.id })).toMatchObject({
    ok: true,
  });
});

it("does not serve what is permanent, what was removed, or what was activated", async () => {
  const permanent = await arrange("eligible", null);
  expect(await requestExtension(at.database, permanent.member, permanent.input)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  const removed = await arrange();
  await removeAssignment(at.database, at.owner, {
    assignmentType: "Eligible",
    id: removed.access.id,
    justification: null,
  });
  expect(await requestRenewal(at.database, removed.member, removed.input)).toMatchObject(
    refusedWith("RoleAssignmentDoesNotExist"),
  );
  const { member, role, access, input } = await arrange();
  const activation = await pastTheRules(at.database, (to) =>
    to.assignment.create({
      data: {
        principalId: member.userId,
        roleDefinitionId: role.id,
        resourceId: at.tree.subscription.id,
        assignmentType: "Activated",
        eligibilityId: access.id,
        startsAt: addMinutes(start, -60),
        endsAt: addMinutes(start, 60),
      },
    }),
  );
  expect(
    await requestExtension(at.database, member, { ...input, assignmentType: "Active", id: activation.id }),
  ).toMatchObject(refusedWith("RoleAssignmentDoesNotExist"));
});

it("cancels what waits when the assignment is removed, and does not renew what the member has again", async () => {
  const waiting = await arrange();
  await requestExtension(at.database, waiting.member, waiting.input);
  await removeAssignment(at.database, at.owner, {
    assignmentType: "Eligible",
    id: waiting.access.id,
    justification: null,
  });
  expect(
    await at.database.client.request.findFirstOrThrow({ where: { requestorId: waiting.member.userId } }),
  ).toMatchObject({ status: "Canceled" });
  expect(await at.eventsOf(waiting.member.userId)).toContain("ExtensionCanceled Success");

  const again = await arrange("eligible", addDays(start, -5));
  await grant(at.database, "eligible", again.member.userId, again.role.id, at.tree.subscription.id, {
    endsAt: addDays(start, 5),
  });
  expect(await requestRenewal(at.database, again.member, again.input)).toMatchObject(
    refusedWith("RoleAssignmentExists"),
  );
});
