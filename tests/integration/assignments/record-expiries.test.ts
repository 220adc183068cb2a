import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;
let world: Awaited<ReturnType<typeof makeWorld>>;

async function makeWorld() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const administrator = await makeUser(database, "Grace Owner");
  await grant(database, "active", administrator.id, owner.id, tree.root.id);
  return { database, tree, admin: await makeCaller(database, administrator) };
}

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => clock.now });
  world = await makeWorld();
});
afterAll(() => test.drop());

function eventsOf(id: string) {
  return world.database.client.auditEvent.findMany({
    where: {
      kind: { endsWith: "Expired" },
      OR: [{ assignmentId: id }, { eligibilityId: id, assignmentId: null }],
    },
    orderBy: { sequence: "asc" },
  });
}

it("logs once each access that ended by time, however late and however often it looks", async () => {
  clock.now = start;
  const { database, tree } = world;
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  const endsAt = addDays(start, 1);
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id, { endsAt });
  const assignment = await grant(database, "active", user.id, role.id, tree.subscription.id, { endsAt });
  await grant(database, "active", user.id, role.id, tree.root.id);
  await recordExpiries(database);
  expect(await eventsOf(assignment.id)).toEqual([]);

  clock.now = addDays(start, 3);
  await atOnce(test, [() => recordExpiries(database), () => recordExpiries(database)]);
  await recordExpiries(database);
  const [event, ...others] = await eventsOf(assignment.id);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    kind: "ActiveAssignmentExpired",
    outcome: "Success",
    occurredAt: clock.now,
    targetName: "Ada Byron",
    roleName: "Reader",
    resourceName: "Production",
    details: { endedAt: endsAt.toISOString() },
  });
  expect((await eventsOf(eligibility.id)).map((each) => each.kind)).toEqual(["EligibleAssignmentExpired"]);
});

it("logs again when an end that was logged is moved and comes once more", async () => {
  clock.now = start;
  const { database, tree } = world;
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id, {
    endsAt: addDays(start, 1),
  });
  clock.now = addDays(start, 2);
  await recordExpiries(database);
  await pastTheRules(database, (to) =>
    to.eligibility.update({
      where: { id: eligibility.id },
      data: { endsAt: addDays(start, 5) },
    }),
  );
  await recordExpiries(database);
  expect(await eventsOf(eligibility.id)).toHaveLength(1);
  clock.now = addDays(start, 6);
  await recordExpiries(database);
  expect((await eventsOf(eligibility.id)).map((each) => each.details)).toEqual([
    expect.objectContaining({ endedAt: addDays(start, 1).toISOString() }),
    expect.objectContaining({ endedAt: addDays(start, 5).toISOString() }),
  ]);
});

it("says nothing of what was removed, deactivated or canceled, and logs what was cut short", async () => {
  clock.now = start;
  const { database, tree, admin } = world;
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  const member = await makeCaller(database, user);
  const endsAt = addDays(start, 30);
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id, { endsAt });
  const activate = async (startsAt: Date | null) => {
    const input = { eligibilityId: eligibility.id, resourceId: tree.group.id, startsAt, durationMinutes: 60 };
    const operation = { kind: "ActivateRole", ...input, startsAt: startsAt?.toISOString() ?? null } as const;
    const proofId = await makeProof(database, member, operation);
    const rest = { justification: "Work", ticketNumber: null, ticketSystem: null, proofId };
    const result = await activateRole(database, member, { ...input, ...rest });
    if (!result.ok || result.status === "PendingApproval") throw new Error("not active");
    return result.assignmentId;
  };
  const deactivated = await activate(null);
  clock.now = addMinutes(start, 10);
  await deactivateRole(database, member, { assignmentId: deactivated });
  const canceled = await activate(addMinutes(start, 120));
  await deactivateRole(database, member, { assignmentId: canceled });
  const used = await activate(null);
  const removed = await grant(database, "active", user.id, role.id, tree.root.id, { endsAt });
  const removal = { assignmentType: "Active", id: removed.id, justification: "Left the team" } as const;
  expect(await removeAssignment(database, admin, removal)).toMatchObject({ ok: true });
  const cut = await activate(addMinutes(start, 600));
  const shorter = await updateAssignment(database, admin, {
    ...{ assignmentType: "Eligible", id: eligibility.id, startsAt: null },
    expected: { startsAt: eligibility.startsAt, endsAt },
    ...{ endsAt: addMinutes(start, 630), justification: "Shorter", proofId: null },
  });
  expect(shorter).toMatchObject({ ok: true });

  clock.now = addDays(start, 40);
  await recordExpiries(database);
  for (const id of [deactivated, canceled, removed.id]) expect(await eventsOf(id)).toEqual([]);
  expect(await eventsOf(used)).toMatchObject([
    { kind: "ActivationExpired", details: { endedAt: addMinutes(start, 70).toISOString() } },
  ]);
  expect(await eventsOf(cut)).toMatchObject([{ details: { endedAt: addMinutes(start, 630).toISOString() } }]);
});

it("cannot be made to log one end twice: the log refuses the second", async () => {
  clock.now = start;
  const { database, tree } = world;
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  const endsAt = addDays(start, 1);
  const assignment = await grant(database, "active", user.id, role.id, tree.group.id, { endsAt });
  clock.now = addDays(start, 2);
  await recordExpiries(database);
  await test.asOwner("UPDATE assignments SET expiry_recorded_for = NULL WHERE id = $1", [assignment.id]);
  await expect(recordExpiries(database)).rejects.toThrow();
  expect(await eventsOf(assignment.id)).toHaveLength(1);
  await test.asOwner("UPDATE assignments SET expiry_recorded_for = ends_at WHERE id = $1", [assignment.id]);
});
