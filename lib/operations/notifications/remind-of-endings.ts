import { activateFirstNotice, type RoleToActivate } from "@/lib/domain/notifications/activate-first";
import { type EndingDay, endingNotice } from "@/lib/domain/notifications/ending-notice";
import { type ReminderDays, reminderDays } from "@/lib/domain/notifications/expiry-reminder";
import { action } from "@/lib/domain/roles/permissions";
import { addDaysTo, type Day, dayOf, startOfDay } from "@/lib/domain/time/reader-day";
import {
  type Delivery,
  notifyPeople,
  type PersonalNotice,
} from "@/lib/operations/notifications/notify-people";
import { peopleIn } from "@/lib/operations/people/find-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** Used as the id in `expiry_reminders` for everything that ends on a day. */
const everything = "00000000-0000-0000-0000-000000000000";
/**
 * How many people who could administer by activating a role are notified of a day. Those with the
 * widest places come first.
 */
const mostEligible = 1_000;

/**
 * Notifies administrators of the eligibilities and direct assignments that end in fourteen days and in one day. There
 * is one notice for each day and each topmost place that somebody administers, with its counts and the list. Each day
 * is announced once, made whole in one transaction by the first worker. After a stop, the missed days are announced
 * unless they have passed. Returns how many notices were made.
 */
export async function remindOfEndings(database: Database, delivery: Delivery): Promise<number> {
  let made = 0;
  for (const days of reminderDays) {
    const due = await inTransaction(database, (transaction) => dueDays(transaction, days));
    for (const day of due.days)
      made += await inTransaction(database, (transaction) =>
        announce(transaction, day, days, due.timeZone, delivery),
      );
  }
  return made;
}

/** The days to announce: the one this many days ahead, and those that were missed since the last announced one. */
async function dueDays(
  transaction: Transaction,
  days: ReminderDays,
): Promise<{ days: Day[]; timeZone: string }> {
  const [row] = await transaction.$queryRaw<{ timeZone: string; last: Date | null }[]>`
    SELECT i.time_zone AS "timeZone",
      (SELECT max(e.ends_at) FROM expiry_reminders e WHERE e.access_id = ${everything}::uuid AND e.days_before = ${days}) AS last
    FROM installation i`;
  const timeZone = row?.timeZone ?? "UTC";
  const today = dayOf(await databaseNow(transaction), timeZone);
  const newest = addDaysTo(today, days);
  // What ends within a day is announced as such, and not as ending in fourteen days.
  const earliest = days === 1 ? today : addDaysTo(today, 2);
  const next = row?.last ? addDaysTo(dayOf(row.last, timeZone), 1) : newest;
  const due: Day[] = [];
  for (let day = earliest; day <= newest; day = addDaysTo(day, 1)) if (day >= next) due.push(day);
  return { days: due, timeZone };
}

async function announce(
  transaction: Transaction,
  day: Day,
  days: ReminderDays,
  timeZone: string,
  delivery: Delivery,
): Promise<number> {
  const [from, to] = [startOfDay(day, timeZone), startOfDay(addDaysTo(day, 1), timeZone)];
  const { count } = await transaction.expiryReminder.createMany({
    data: [{ accessId: everything, endsAt: from, daysBefore: days }],
    skipDuplicates: true,
  });
  if (count === 0) return 0;
  const places = await endingAt(transaction, from, to);
  if (places.size === 0) return 0;
  const notices = await noticesOf(transaction, places, { day, days, timeZone });
  await notifyPeople(transaction, notices, delivery);
  return notices.length;
}

interface Place extends EndingDay {
  readonly path: string;
}

/** What ends in a span, counted at each resource and at every one above it, in one pass over the ends in that span. */
async function endingAt(transaction: Transaction, from: Date, to: Date): Promise<Map<string, Place>> {
  const standing = Prisma.sql`x.ends_at >= ${from} AND x.ends_at < ${to} AND x.ends_at > postern_now()
    AND x.ends_at > x.starts_at AND (x.removed_at IS NULL OR x.removed_at < x.ends_at)`;
  const rows = await transaction.$queryRaw<Omit<Place, "from" | "to">[]>`
    WITH ending AS (
      SELECT x.resource_id, 1 AS eligible, 0 AS active FROM eligibilities x WHERE ${standing}
      UNION ALL
      SELECT x.resource_id, 0, 1 FROM assignments x WHERE x.assignment_type = 'Assigned' AND ${standing}
    ), here AS (
      SELECT resource_id, sum(eligible) AS eligible, sum(active) AS active FROM ending GROUP BY resource_id
    ), above AS (
      SELECT level.id, sum(here.eligible)::int AS eligible, sum(here.active)::int AS active
      FROM here JOIN resources r ON r.id = here.resource_id CROSS JOIN LATERAL unnest(path_ids(r.path)) AS level (id)
      GROUP BY level.id
    )
    SELECT r.id AS "resourceId", r.display_name AS "resourceName", r.scope, r.path, above.eligible, above.active
    FROM above JOIN resources r ON r.id = above.id`;
  return new Map(rows.map((row) => [row.resourceId, { ...row, from, to }]));
}

interface Right extends RoleToActivate {
  readonly principalId: string;
}

/**
 * The people who administer some places by a role in effect there, or could by activating one. The
 * widest places come first.
 */
function rights(
  transaction: Transaction,
  held: "assignments" | "eligibilities",
  places: ReadonlyMap<string, Place>,
): Promise<Right[]> {
  return transaction.$queryRaw<Right[]>`
    SELECT x.principal_id AS "principalId", x.id AS "eligibilityId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName"
    FROM unnest(${[...places.keys()]}::uuid[]) AS place (id) JOIN resources r ON r.id = place.id
    CROSS JOIN (SELECT id, role_name FROM role_definitions
      WHERE permissions_allow(permissions, ${action.writeRoleSettings})) d
    JOIN ${Prisma.raw(held)} x ON x.resource_id = r.id AND x.role_definition_id = d.id
      AND x.starts_at <= postern_now() AND (x.ends_at IS NULL OR x.ends_at > postern_now())
    ORDER BY length(r.path), x.id
    ${held === "eligibilities" ? Prisma.sql`LIMIT ${mostEligible}` : Prisma.empty}`;
}

/** One notice for each topmost place that somebody administers, or would administer after activating a role. */
async function noticesOf(
  transaction: Transaction,
  places: ReadonlyMap<string, Place>,
  about: { readonly day: Day; readonly days: ReminderDays; readonly timeZone: string },
): Promise<PersonalNotice[]> {
  const active = await rights(transaction, "assignments", places);
  const eligible = await rights(transaction, "eligibilities", places);
  const people = await peopleIn(
    transaction,
    [...active, ...eligible].map((right) => right.principalId),
  );
  const seen = new Map<string, string[]>();
  const notices: PersonalNotice[] = [];
  const add = (right: Right, role: RoleToActivate | null) => {
    const place = places.get(right.resourceId);
    if (!place) return;
    for (const person of people.get(right.principalId) ?? []) {
      const paths = seen.get(person.id) ?? [];
      // The widest places come first, so that smaller ones within them are counted there.
      if (paths.some((path) => place.path === path || place.path.startsWith(`${path}.`))) continue;
      seen.set(person.id, [...paths, place.path]);
      const notice = endingNotice(place, about.timeZone);
      notices.push({
        person,
        // Compared by the moment. In another zone the same date is another span, which would not be
        // announced otherwise.
        subjectKey: `endings:${place.resourceId}:${place.from.toISOString()}:${about.days}`,
        notice: role ? activateFirstNotice(notice, role) : notice,
        portalOnly: role !== null,
      });
    }
  };
  for (const right of active) add(right, null);
  for (const { principalId, ...role } of eligible) if (role) add({ principalId, ...role }, role);
  return notices;
}
