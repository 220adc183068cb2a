import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import { activateFirstNotice } from "@/lib/domain/notifications/activate-first";
import { retryMinutes } from "@/lib/domain/notifications/delivery-retry";
import { type EventFacts, newsDays, newsTime } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import type { Notice } from "@/lib/domain/notifications/notice";
import { isPartOfTreeChange } from "@/lib/domain/notifications/resource-notices";
import { browserOf } from "@/lib/domain/people/browser";
import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { networkOf } from "@/lib/domain/people/network-of";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { notifiedOf } from "@/lib/domain/roles/notification-settings";
import { defaultRoleSettings, type RoleSettings, strictest } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { findAudience } from "@/lib/operations/notifications/find-audience";
import { noticesOfTree } from "@/lib/operations/notifications/notices-of-tree";
import {
  type Delivery,
  notifyPeople,
  type PersonalNotice,
  queueMail,
} from "@/lib/operations/notifications/notify-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { firstIn } from "@/lib/platform/sql/first-in";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const mostInOneRun = 2_000;

/** Whether an event waits in the outbox. */
export async function notificationsAreDue(database: Database): Promise<boolean> {
  const [row] = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ due: boolean }[]>`
      SELECT EXISTS (SELECT FROM notification_outbox WHERE dead_at IS NULL AND next_attempt_at <= postern_now()) AS due`,
  );
  return row?.due ?? false;
}

/**
 * Notifies people of the events in the outbox. Each is handled in a transaction that also removes it:
 * exactly once, however many workers run and wherever one stops. An event that fails is tried again
 * later and finally becomes a dead letter. Returns how many events were handled.
 */
export async function deliverNotifications(database: Database, delivery: Delivery): Promise<number> {
  for (let taken = 0; taken < mostInOneRun; taken += 1) {
    let eventId: string | null = null;
    try {
      const more = await inTransaction(database, async (transaction) => {
        const [entry] = await transaction.$queryRaw<{ eventId: string }[]>`
          SELECT event_id AS "eventId" FROM notification_outbox
          WHERE dead_at IS NULL AND next_attempt_at <= postern_now()
          ORDER BY next_attempt_at, event_id LIMIT 1 FOR UPDATE SKIP LOCKED`;
        if (!entry) return false;
        eventId = entry.eventId;
        await notifyOfEvent(transaction, entry.eventId, delivery);
        await transaction.outboxEntry.delete({ where: { eventId: entry.eventId } });
        return true;
      });
      if (!more) return taken;
    } catch (error) {
      if (eventId === null) throw error;
      await postpone(database, eventId, error instanceof Error ? error.message : String(error));
    }
  }
  return mostInOneRun;
}

async function notifyOfEvent(transaction: Transaction, eventId: string, delivery: Delivery): Promise<void> {
  const event = await transaction.auditEvent.findUniqueOrThrow({
    where: { id: eventId },
    include: { request: { select: { requestorId: true, requestType: true, durationMinutes: true } } },
  });
  const { details } = event;
  const facts: EventFacts = {
    ...event,
    requestorId: event.request?.requestorId ?? null,
    ofExtension: event.request !== null && extendsActivation(event.request),
    details: typeof details === "object" && details !== null && !Array.isArray(details) ? details : {},
    ...(event.kind === "SignIn" ? await whatIsNew(transaction, event) : nothingNew),
  };
  if (newsTime(facts) < addDays(await databaseNow(transaction), -newsDays)) return;
  const ofTree = await noticesOfTree(transaction, { ...facts, id: eventId });
  if (ofTree.length > 0) await notifyPeople(transaction, ofTree, delivery);
  const notices = noticesOf(facts);
  if (notices.length === 0) return;
  const settings = await settingsOf(transaction, event);
  const subjectKey = `event:${eventId}`;
  const personalNotices: PersonalNotice[] = [];
  const addresses = new Map<string, Notice>();
  for (const { audience, notice, rule, portalOnly, addresses: named, toAlertAddresses } of notices) {
    const besides = toAlertAddresses ? [...named, ...(await alertAddresses(transaction))] : named;
    for (const address of besides) addresses.set(mailAddressOf(address), notice);
    const notified = rule && notifiedOf(settings.notifications, rule.event, rule.importance);
    const mine = notified?.find((each) => each.recipient === rule?.recipient);
    for (const address of mine?.additionalAddresses ?? []) addresses.set(mailAddressOf(address), notice);
    if (rule !== null && !mine?.defaultRecipients) continue;
    // The person whose access it is gets one notice of the whole change. People who were asked to
    // decide are notified that it is no longer needed.
    if (isPartOfTreeChange(facts) && audience !== "asked") continue;
    const routine = rule?.importance === "Informational";
    for (const person of await findAudience(transaction, audience, facts, settings, routine)) {
      const { activateFirst: role } = person;
      personalNotices.push(
        role
          ? {
              ...{ person, subjectKey, portalOnly: portalOnly || routine },
              notice: activateFirstNotice(notice, role, event.resourceId ?? role.resourceId),
            }
          : { person, subjectKey, notice, portalOnly },
      );
    }
  }
  // A person with two reasons to be notified gets the first, more personal notice.
  const once = new Map(personalNotices.toReversed().map((telling) => [telling.person.id, telling]));
  await notifyPeople(transaction, [...once.values()], delivery);
  if (delivery.mail) {
    const extra = [...addresses].map(([address, notice]) => ({
      recipientId: null,
      address,
      subjectKey,
      notice,
    }));
    await queueMail(transaction, extra);
  }
}

/** The addresses to which the organisation has alerts mailed. */
async function alertAddresses(transaction: Transaction): Promise<readonly string[]> {
  const { alertAddresses: addresses } = await transaction.installation.findUniqueOrThrow({
    where: { id: 1 },
    select: { alertAddresses: true },
  });
  return addresses;
}

/**
 * The role settings in force for what the event is about (docs/rules.md, rule 4). That includes every
 * level from the eligibility's resource down to the event's and, for what an administrator assigned,
 * each level above that was ever edited.
 */
async function settingsOf(
  transaction: Transaction,
  event: {
    readonly kind: string;
    readonly roleDefinitionId: string | null;
    readonly resourceId: string | null;
    readonly eligibilityId: string | null;
  },
): Promise<RoleSettings> {
  if (event.roleDefinitionId === null || event.resourceId === null) return defaultRoleSettings;
  const assigned = /^(Eligible|Active)Assignment/.test(event.kind);
  const rows = await transaction.$queryRaw<(PolicyColumns & { policyId: string | null })[]>`
    SELECT p.id AS "policyId", ${policyColumns}
    FROM resources r
    LEFT JOIN eligibilities e ON e.id = ${event.eligibilityId}::uuid AND e.resource_id = ANY (path_ids(r.path))
    CROSS JOIN LATERAL unnest(path_ids(r.path)) WITH ORDINALITY AS level (id, depth)
    LEFT JOIN role_management_policies p
      ON p.resource_id = level.id AND p.role_definition_id = ${event.roleDefinitionId}::uuid
    WHERE r.id = ${event.resourceId}::uuid
      AND (level.depth >= array_position(path_ids(r.path), coalesce(e.resource_id, r.id))
        OR (${assigned}::boolean AND p.version > 0))`;
  const levels = rows.map((row) => (row.policyId === null ? defaultRoleSettings : settingsOfPolicy(row)));
  return levels.length === 0 ? defaultRoleSettings : strictest(levels);
}

const nothingNew = { fromNewAddress: false, withNewBrowser: false, mailedLately: false };
/** With how many of a person's earlier browsers and addresses a sign-in is compared, latest first. */
const mostCompared = 200;

/**
 * What is new about a sign-in of somebody who has signed in before: the browser, or the address,
 * compared by the network that one subscriber has. Only the first new one within an hour is mailed.
 * Otherwise somebody who has the password could fill a mailbox.
 */
async function whatIsNew(
  transaction: Transaction,
  event: {
    readonly actorId: string | null;
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
    readonly sequence: bigint;
  },
): Promise<typeof nothingNew> {
  const before = await transaction.$queryRaw<{ ipAddress: string | null; userAgent: string | null }[]>`
    SELECT ip_address AS "ipAddress", user_agent AS "userAgent" FROM audit_events
    WHERE actor_id = ${event.actorId}::uuid AND kind = 'SignIn' AND outcome = 'Success'
      AND sequence < ${event.sequence}
    GROUP BY ip_address, user_agent ORDER BY max(sequence) DESC LIMIT ${mostCompared}`;
  if (before.length === 0) return nothingNew;
  const networks = new Set(before.map(({ ipAddress }) => networkOf(ipAddress ?? "")));
  const browsers = new Set(before.map(({ userAgent }) => browserOf(userAgent ?? "")));
  const fromNewAddress = !networks.has(networkOf(event.ipAddress ?? ""));
  const withNewBrowser = !browsers.has(browserOf(event.userAgent ?? ""));
  if (!fromNewAddress && !withNewBrowser) return nothingNew;
  const first = await firstIn(transaction, `new-sign-in:${event.actorId}`, 1);
  return { fromNewAddress, withNewBrowser, mailedLately: !first };
}

function postpone(database: Database, eventId: string, message: string): Promise<void> {
  return inTransaction(database, async (transaction) => {
    const now = await databaseNow(transaction);
    const entry = await transaction.outboxEntry.findUnique({ where: { eventId } });
    if (!entry) return;
    const attempts = entry.attempts + 1;
    const minutes = retryMinutes(attempts);
    await transaction.outboxEntry.update({
      where: { eventId },
      data: {
        attempts,
        lastError: message.trim().slice(-500),
        ...(minutes === null
          ? { deadAt: now }
          : { nextAttemptAt: new Date(now.getTime() + minutes * 60_000) }),
      },
    });
  });
}
