import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { markNotificationsRead } from "@/lib/operations/notifications/mark-notifications-read";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { chooseMail } from "@/lib/operations/preferences/choose-mail";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { listNotifications, unreadNotifications } from "@/lib/queries/notifications/notifications";
import { workerState } from "@/lib/queries/notifications/worker-state";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { oneBesideTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
const mailed = { mail: true };
let test: TestDatabase;
let world: Awaited<ReturnType<typeof makeWorld>>;

async function makeWorld() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const [grace, rosa, ada, eve] = await Promise.all(
    ["Grace Owner", "Rosa Owner", "Ada Byron", "Eve Reader"].map((name) => makeUser(database, name)),
  );
  if (!grace || !rosa || !ada || !eve) throw new Error("nobody was made");
  const owners = await makeGroup(database, [rosa.id], "Owners");
  await grant(database, "active", grace.id, owner.id, tree.root.id);
  await grant(database, "active", owners.id, owner.id, tree.subscription.id);
  await grant(database, "active", eve.id, reader.id, tree.root.id);
  return { database, tree, owner, reader, grace, rosa, ada, eve, admin: await makeCaller(database, grace) };
}

beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
  world = await makeWorld();
});
afterEach(() => test.drop());

async function assign(principalIds: string[], assignmentType: "Eligible" | "Active" = "Eligible") {
  const result = await assignRole(world.database, world.admin, {
    assignmentType,
    principalIds,
    roleDefinitionId: world.reader.id,
    resourceId: world.tree.group.id,
    startsAt: null,
    endsAt: addDays(clock.now, 10),
    justification: "On call",
    proofId: null,
  });
  if (!result.ok) throw new Error(result.error.code);
}

async function titlesOf(user: { id: string; displayName: string; email: string | null }) {
  const caller = await makeCaller(world.database, user);
  const rows = await listNotifications(world.database, caller, { unreadOnly: false, before: null });
  return rows.map((row) => row.title);
}

async function addressesMailed() {
  const rows = await world.database.client.mailMessage.findMany({ orderBy: { address: "asc" } });
  return rows.map((row) => row.address).sort();
}

async function setNotifications(notifications: RoleSettings["notifications"]) {
  await world.database.client.roleManagementPolicy.create({
    data: { resourceId: world.tree.group.id, roleDefinitionId: world.reader.id, notifications },
  });
}

it("notifies the member and the other administrators of an assignment, each once, however many workers there are", async () => {
  const { database, ada, rosa, grace, eve } = world;
  await assign([ada.id]);
  expect(await database.client.outboxEntry.count()).toBe(1);
  const runs = await oneBesideTheOther(
    test,
    () => deliverNotifications(database, mailed),
    () => deliverNotifications(database, mailed),
    "notifications",
  );
  expect(runs.reduce((sum, count) => sum + count)).toBe(1);
  expect(await database.client.outboxEntry.count()).toBe(0);
  expect(await titlesOf(ada)).toEqual(["You can now activate Reader on web"]);
  expect(await titlesOf(rosa)).toEqual([`Ada Byron (${ada.email}) is now eligible for Reader on web`]);
  expect(await titlesOf(grace)).toEqual([]);
  expect(await titlesOf(eve)).toEqual([]);
  expect(await addressesMailed()).toEqual([ada.email, rosa.email].sort());
});

it("notifies of nothing that was refused or rolled back", async () => {
  const { database, ada, eve, reader, tree } = world;
  const caller = await makeCaller(database, eve);
  const input = { assignmentType: "Eligible", principalIds: [ada.id], roleDefinitionId: reader.id } as const;
  const rest = {
    resourceId: tree.group.id,
    startsAt: null,
    endsAt: addDays(start, 1),
    justification: "x",
    proofId: null,
  };
  expect(await assignRole(database, caller, { ...input, ...rest })).toMatchObject({ ok: false });
  await expect(
    inTransaction(database, async (transaction) => {
      const target = { id: ada.id, displayName: ada.displayName };
      await recordAuditEvent(transaction, { kind: "PasswordChanged", outcome: "Success", target });
      throw new Error("the change fails");
    }),
  ).rejects.toThrow("the change fails");
  expect(await database.client.outboxEntry.count()).toBe(0);
});

it("notifies everybody in a group, and nobody who is disabled", async () => {
  const { database, ada, eve } = world;
  const gone = await makeUser(database, "Gone");
  await database.client.principal.update({ where: { id: gone.id }, data: { disabledAt: start } });
  const inner = await makeGroup(database, [eve.id, gone.id], "Inner");
  const outer = await makeGroup(database, [ada.id, inner.id], "Outer");
  await assign([outer.id], "Active");
  await deliverNotifications(database, mailed);
  for (const person of [ada, eve]) expect(await titlesOf(person)).toEqual(["You now hold Reader on web"]);
  expect(await titlesOf(gone)).toEqual([]);
  expect(await addressesMailed()).not.toContain(gone.email);
});

it("follows the role settings: default recipients off, extra addresses, critical only", async () => {
  const { database, ada, rosa } = world;
  const of = defaultRoleSettings.notifications;
  await setNotifications({
    ...of,
    Admin_Eligibility: {
      Admin: { defaultRecipients: false, additionalAddresses: ["soc@contoso.example"], criticalOnly: false },
      Requestor: { defaultRecipients: true, additionalAddresses: [], criticalOnly: true },
      Approver: of.Admin_Eligibility.Approver,
    },
  });
  await assign([ada.id]);
  await deliverNotifications(database, mailed);
  expect(await titlesOf(ada)).toEqual([]);
  expect(await titlesOf(rosa)).toEqual([]);
  expect(await database.client.mailMessage.findMany()).toMatchObject([
    {
      address: "soc@contoso.example",
      recipientId: null,
      content: { title: `Ada Byron (${ada.email}) is now eligible for Reader on web` },
    },
  ]);
});

it("mails nothing that a person has switched off, but what concerns their own factors always", async () => {
  const { database, ada } = world;
  const caller = await makeCaller(database, ada);
  await chooseMail(database, caller, ["access"]);
  await assign([ada.id]);
  await inTransaction(database, (transaction) =>
    recordAuditEvent(transaction, { kind: "FactorLocked", outcome: "Failure", caller }),
  );
  await deliverNotifications(database, mailed);
  expect(await titlesOf(ada)).toHaveLength(2);
  const rows = await database.client.mailMessage.findMany({ where: { recipientId: ada.id } });
  expect(rows).toMatchObject([
    { category: "security", content: { title: "Your authenticator app is locked" } },
  ]);
});

it("keeps no mail when none is sent from here", async () => {
  await assign([world.ada.id]);
  await deliverNotifications(world.database, { mail: false });
  expect(await titlesOf(world.ada)).toHaveLength(1);
  expect(await addressesMailed()).toEqual([]);
});

it("notifies of a sign-in with what is new, an address or a browser, and mails one of them an hour", async () => {
  const { database, ada } = world;
  const system = "(X11; Linux x86_64; rv:140.0) Gecko/20100101";
  const [firefox, newer, chrome] = [
    `Mozilla/5.0 ${system} Firefox/140.0`,
    `Mozilla/5.0 ${system} Firefox/141.0`,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
  ];
  const signIn = async (ipAddress: string, userAgent = firefox) => {
    const caller = { userId: ada.id, displayName: ada.displayName, ipAddress, userAgent };
    await inTransaction(database, (transaction) =>
      recordAuditEvent(transaction, { kind: "SignIn", outcome: "Success", caller }),
    );
    await deliverNotifications(database, mailed);
  };
  const mailedTitles = () => database.client.mailMessage.count({ where: { recipientId: ada.id } });
  for (const address of ["2001:db8::1", "2001:db8::1", "2001:db8::ffff:2"]) await signIn(address);
  await signIn("2001:db8::1", newer);
  expect(await titlesOf(ada)).toEqual([]);

  await signIn("192.0.2.1");
  await signIn("2001:db8::1", chrome);
  await signIn("192.0.2.2", "curl/8.5.0");
  await signIn("192.0.2.1", chrome);
  const titles = [
    "You signed in from a new address",
    "You signed in with a new browser",
    "You signed in from a new address, with a new browser",
  ];
  expect((await titlesOf(ada)).toSorted()).toEqual(titles.toSorted());
  expect(await mailedTitles()).toBe(1);
  clock.now = addMinutes(clock.now, 61);
  await signIn("192.0.2.9", "curl/8.6.0");
  expect(await mailedTitles()).toBe(2);
  expect(await titlesOf(ada)).toHaveLength(4);
});

it("leaves out news of long ago: an end recorded ten days late is in the log and reaches nobody", async () => {
  const { database, ada, reader, tree } = world;
  await grant(database, "active", ada.id, reader.id, tree.group.id, { endsAt: addMinutes(start, 5) });
  const late = await grant(database, "active", ada.id, reader.id, tree.root.id, {
    endsAt: addDays(start, 6),
  });
  clock.now = addDays(start, 10);
  await recordExpiries(database);
  await deliverNotifications(database, mailed);
  expect(late.endsAt).not.toBeNull();
  expect(await titlesOf(ada)).toEqual(["Your assignment of Reader on Contoso has ended"]);
});

it("puts off what fails, gives it up in the end, and tries it again when an administrator asks", async () => {
  const { database, ada, admin, eve } = world;
  await assign([ada.id]);
  await test.asOwner("ALTER TABLE notifications ADD CONSTRAINT broken CHECK (title = 'never')");
  for (let attempt = 0; attempt < 8; attempt += 1) {
    await deliverNotifications(database, mailed);
    clock.now = addMinutes(clock.now, 24 * 60);
  }
  const [dead] = (await workerState(database, admin))?.dead ?? [];
  expect(dead).toMatchObject({ channel: "Notification", subject: "EligibleAssignmentAdded", attempts: 8 });
  expect(await titlesOf(ada)).toEqual([]);
  const id = dead?.id ?? "";

  const outsider = await makeCaller(database, eve);
  expect(await workerState(database, outsider)).toBeNull();
  expect(await retryDelivery(database, outsider, id)).toMatchObject({
    ok: false,
    error: { code: "NotFound" },
  });
  expect(await retryDelivery(database, admin, ada.id)).toMatchObject({
    ok: false,
    error: { code: "NotFound" },
  });

  await test.asOwner("ALTER TABLE notifications DROP CONSTRAINT broken");
  clock.now = addMinutes(start, 60);
  expect(await retryDelivery(database, admin, id)).toEqual({ ok: true, retried: 1 });
  clock.now = addMinutes(start, 70);
  await deliverNotifications(database, mailed);
  expect(await titlesOf(ada)).toHaveLength(1);
  expect(
    await database.client.auditEvent.count({ where: { kind: "DeliveryRetried", outcome: "Success" } }),
  ).toBe(1);
});

it("counts and marks only the caller's own", async () => {
  const { database, ada, rosa } = world;
  await assign([ada.id]);
  await deliverNotifications(database, mailed);
  const [adas] = await database.client.notification.findMany({ where: { recipientId: ada.id } });
  const [caller, other] = [await makeCaller(database, ada), await makeCaller(database, rosa)];
  expect(await unreadNotifications(database, ada.id)).toMatchObject({ unread: 1, newest: { id: adas?.id } });
  expect(await markNotificationsRead(database, other, adas?.id ?? "")).toBe(0);
  expect(await markNotificationsRead(database, other, null)).toBe(1);
  expect((await unreadNotifications(database, ada.id)).unread).toBe(1);
  expect(await markNotificationsRead(database, caller, adas?.id ?? "")).toBe(1);
  expect(await markNotificationsRead(database, caller, adas?.id ?? "")).toBe(0);
  expect(await unreadNotifications(database, ada.id)).toEqual({ unread: 0, newest: null });
});
