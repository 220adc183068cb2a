import { afterAll, beforeAll, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { inTransaction } from "@/lib/platform/transaction";
import { makeAdministration, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeRole, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

it("ends an eligibility at once with every activation on the strength of it, and the power goes with them", async () => {
  const member = await at.person("Max Member");
  const role = await makeRole(at.database, "Owner of one", { actions: ["*"] });
  const access = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id);
  const activate = (resourceId: string, startsAt: Date) =>
    pastTheRules(at.database, (to) =>
      to.assignment.create({
        data: {
          principalId: member.userId,
          roleDefinitionId: role.id,
          resourceId,
          assignmentType: "Activated",
          eligibilityId: access.id,
          startsAt,
          endsAt: addMinutes(startsAt, 120),
        },
      }),
    );
  const running = await activate(at.tree.subscription.id, addMinutes(now, -60));
  const planned = await activate(at.tree.group.id, addMinutes(now, 30));
  const allowed = () =>
    inTransaction(at.database, (transaction) =>
      may(transaction, member.userId, action.writeAssignment, at.tree.group.id),
    );
  expect(await allowed()).toBe(true);
  expect(
    await removeAssignment(at.database, at.owner, {
      assignmentType: "Eligible",
      id: access.id,
      justification: "Left the team",
    }),
  ).toMatchObject({ ok: true });
  expect(await allowed()).toBe(false);
  const rows = await at.database.client.assignment.findMany({
    where: { id: { in: [running.id, planned.id] } },
    orderBy: { startsAt: "asc" },
  });
  expect(rows.map(({ endsAt, removedAt }) => [endsAt, removedAt])).toEqual([
    [now, now],
    [addMinutes(now, 30), now],
  ]);
  const event = await at.database.client.auditEvent.findFirstOrThrow({
    where: { targetId: member.userId, kind: "EligibleAssignmentRemoved" },
  });
  expect(event).toMatchObject({ justification: "Left the team", details: { endedActivations: 2 } });
});

it("takes back what has not begun without leaving a moment of it, and refuses what has ended", async () => {
  const member = await at.person("Pat Planned");
  const role = await at.protectedRole();
  const planned = await grant(at.database, "active", member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(now, 3),
    endsAt: addDays(now, 10),
  });
  const input = { assignmentType: "Active" as const, id: planned.id, justification: null };
  const results = await atOnce(at.test, [
    () => removeAssignment(at.database, at.owner, input),
    () => removeAssignment(at.database, at.owner, input),
  ]);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(
    await updateAssignment(at.database, at.owner, {
      ...input,
      expected: { startsAt: addDays(now, 3), endsAt: addDays(now, 10) },
      startsAt: null,
      endsAt: addDays(now, 8),
      proofId: null,
    }),
  ).toMatchObject(refusedWith("RoleAssignmentDoesNotExist"));
  const row = await at.database.client.assignment.findUniqueOrThrow({ where: { id: planned.id } });
  expect([row.startsAt, row.endsAt]).toEqual([addDays(now, 3), addDays(now, 3)]);
  const ended = await grant(at.database, "eligible", member.userId, role.id, at.tree.group.id, {
    endsAt: addMinutes(now, -1),
  });
  expect(
    await removeAssignment(at.database, at.owner, {
      assignmentType: "Eligible",
      id: ended.id,
      justification: null,
    }),
  ).toMatchObject(refusedWith("RoleAssignmentDoesNotExist"));
});

it("refuses whoever may not, answering for what they may not know as for what does not exist", async () => {
  const member = await at.person("Max Member");
  const role = await at.protectedRole();
  const access = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id);
  const input = { assignmentType: "Eligible" as const, id: access.id, justification: null };
  expect(await removeAssignment(at.database, member, input)).toMatchObject(
    refusedWith("AuthorizationFailed"),
  );
  const unknown = { ...input, id: crypto.randomUUID() };
  const stranger = await at.person("Eve Else");
  expect(await removeAssignment(at.database, stranger, input)).toEqual(
    await removeAssignment(at.database, stranger, unknown),
  );
});
