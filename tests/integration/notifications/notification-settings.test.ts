import { afterAll, beforeAll, expect, it } from "vitest";
import {
  defaultNotificationSettings,
  type NotificationEvent,
  type NotificationRecipient,
  type NotificationRule,
  withNotificationRule,
} from "@/lib/domain/roles/notification-settings";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const soc = "soc@contoso.example";
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeWorld>>;

async function makeWorld() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  const person = (name: string) => makeUser(database, name);
  const [actor, other] = [await person("Grace Owner"), await person("Olga Owner")];
  for (const { id } of [actor, other]) await grant(database, "active", id, owner.id, tree.root.id);
  const [ada, approver] = [await person("Ada Byron"), await person("Anna Approver")];
  return { tree, role, ada, approver, grace: await makeCaller(database, actor) };
}

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => start });
  at = await makeWorld();
});
afterAll(() => test.drop());

/** The people that one rule of the role settings notifies, and the further addresses that it mails. */
async function notifiedOf(
  entry: Pick<AuditEntry, "kind" | "details">,
  event: NotificationEvent,
  recipient: NotificationRecipient,
  rule: NotificationRule,
) {
  const { database } = test;
  const { tree, role, ada, approver, grace } = at;
  const notifications = withNotificationRule(defaultNotificationSettings, event, recipient, rule);
  const settings = approvedBy([stageOf([approver.id])], { notifications });
  await setSettings(database, role.id, tree.group.id, settings);
  const mine = entry.kind === "RoleActivated" || entry.kind === "ExtensionRequested";
  await inTransaction(database, (transaction) =>
    recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      caller: mine ? { userId: ada.id, displayName: ada.displayName } : grace,
      ...{ target: ada, role, resource: tree.group },
    }),
  );
  await deliverNotifications(database, { mail: true });
  const rows = await database.client.notification.findMany({ include: { recipient: true } });
  const mails = await database.client.mailMessage.findMany({ where: { recipientId: null } });
  await test.asOwner("TRUNCATE notifications, mail_messages");
  return {
    people: rows.map((row) => row.recipient.displayName).sort(),
    addresses: mails.map((mail) => mail.address),
  };
}

const rule = (changes: Partial<NotificationRule> = {}): NotificationRule => ({
  defaultRecipients: true,
  additionalAddresses: [],
  criticalOnly: false,
  ...changes,
});
const owners = ["Grace Owner", "Olga Owner"];

it.each([
  // The actor is left out.
  ["EligibleAssignmentAdded", "Admin_Eligibility", "Admin", ["Olga Owner"]],
  ["EligibleAssignmentAdded", "Admin_Eligibility", "Requestor", ["Ada Byron"]],
  ["ActiveAssignmentAdded", "Admin_Assignment", "Admin", ["Olga Owner"]],
  ["ActiveAssignmentAdded", "Admin_Assignment", "Requestor", ["Ada Byron"]],
  ["RoleActivated", "EndUser_Assignment", "Admin", owners],
  ["RoleActivated", "EndUser_Assignment", "Requestor", ["Ada Byron"]],
  ["RoleActivated", "EndUser_Assignment", "Approver", ["Anna Approver"]],
] as const)(
  "of %s the rule %s %s has a say, and over nobody but its own",
  async (kind, event, recipient, own) => {
    const notifiedBefore = (changes: Partial<NotificationRule>) =>
      notifiedOf({ kind }, event, recipient, rule(changes));
    const all = await notifiedBefore({});
    expect(all.addresses).toEqual([]);
    expect(all.people).toEqual(expect.arrayContaining([...own]));
    const others = all.people.filter((name) => !own.some((each) => each === name));
    expect(await notifiedBefore({ defaultRecipients: false })).toEqual({ people: others, addresses: [] });
    expect(await notifiedBefore({ additionalAddresses: [soc] })).toEqual({
      people: all.people,
      addresses: [soc],
    });
    expect(await notifiedBefore({ defaultRecipients: false, additionalAddresses: [soc] })).toEqual({
      people: others,
      addresses: [soc],
    });
    // It asks nobody to act.
    expect(await notifiedBefore({ criticalOnly: true, additionalAddresses: [soc] })).toEqual({
      people: others,
      addresses: [],
    });
  },
);

it.each([
  ["Eligible", "Admin_Eligibility"],
  ["Active", "Admin_Assignment"],
] as const)(
  "of a request for more time, %s, those are told who may give it, critical only or not",
  async (assignmentType, event) => {
    const notifiedBefore = (changes: Partial<NotificationRule>) =>
      notifiedOf(
        { kind: "ExtensionRequested", details: { assignmentType } },
        event,
        "Approver",
        rule(changes),
      );
    const everybody = { people: owners, addresses: [] };
    expect(await notifiedBefore({})).toEqual(everybody);
    expect(await notifiedBefore({ criticalOnly: true })).toEqual(everybody);
    expect(await notifiedBefore({ defaultRecipients: false, additionalAddresses: [soc] })).toEqual({
      people: [],
      addresses: [soc],
    });
  },
);
