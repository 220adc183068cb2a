import { dueReminder, type ReminderDays, reminderDays } from "@/lib/domain/notifications/expiry-reminder";
import type { Notice } from "@/lib/domain/notifications/notice";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";
import { type Delivery, notifyPeople } from "@/lib/operations/notifications/notify-people";
import { peopleIn } from "@/lib/operations/people/find-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const batch = 200;

interface EndingAccess {
  readonly id: string;
  readonly eligible: boolean;
  readonly principalId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly roleName: string;
  readonly resourceName: string;
  readonly scope: string;
}

/**
 * Reminds members of eligibilities and direct assignments that end soon, once for each end and each of
 * `reminderDays`. After a stop of the worker only the nearest reminder is sent. Returns how many reminders were sent.
 */
export async function remindOfExpiry(database: Database, delivery: Delivery): Promise<number> {
  let reminded = 0;
  let after: EndingAccess | undefined;
  for (;;) {
    const done = await inTransaction(database, async (transaction) => {
      const rows = await endingSoon(transaction, after);
      return { rows, reminded: await remind(transaction, rows, delivery) };
    });
    reminded += done.reminded;
    after = done.rows.at(-1);
    if (done.rows.length < batch) return reminded;
  }
}

function endingSoon(transaction: Transaction, after: EndingAccess | undefined): Promise<EndingAccess[]> {
  const [furthest, nearest] = reminderDays;
  return transaction.$queryRaw<EndingAccess[]>`
    SELECT x.id, x.eligible, x.principal_id AS "principalId", x.starts_at AS "startsAt", x.ends_at AS "endsAt",
      d.role_name AS "roleName", r.display_name AS "resourceName", r.scope
    FROM (
      SELECT id, true AS eligible, principal_id, role_definition_id, resource_id, starts_at, ends_at, removed_at
      FROM eligibilities
      UNION ALL
      SELECT id, false, principal_id, role_definition_id, resource_id, starts_at, ends_at, removed_at
      FROM assignments WHERE assignment_type = 'Assigned'
    ) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE x.ends_at > postern_now() AND x.ends_at <= postern_now() + make_interval(days => ${furthest}::int)
      AND x.ends_at > x.starts_at AND (x.removed_at IS NULL OR x.removed_at < x.ends_at)
      AND NOT EXISTS (
        SELECT FROM expiry_reminders e WHERE e.access_id = x.id AND e.ends_at = date_trunc('milliseconds', x.ends_at) AND e.days_before =
          CASE WHEN x.ends_at <= postern_now() + make_interval(days => ${nearest}::int) THEN ${nearest}::int ELSE ${furthest}::int END)
      AND (x.ends_at, x.id) > (${after?.endsAt ?? new Date(0)}, ${after?.id ?? "00000000-0000-0000-0000-000000000000"}::uuid)
    ORDER BY x.ends_at, x.id LIMIT ${batch}`;
}

async function remind(
  transaction: Transaction,
  rows: readonly EndingAccess[],
  delivery: Delivery,
): Promise<number> {
  const now = await databaseNow(transaction);
  const due = rows.flatMap((access) => {
    const days = dueReminder(access, now);
    return days === null ? [] : [{ access, days }];
  });
  if (due.length === 0) return 0;
  const inserted = await transaction.expiryReminder.createManyAndReturn({
    data: due.map(({ access, days }) => ({ accessId: access.id, endsAt: access.endsAt, daysBefore: days })),
    skipDuplicates: true,
    select: { accessId: true },
  });
  const first = new Set(inserted.map((row) => row.accessId));
  const mine = due.filter(({ access }) => first.has(access.id));
  const people = await peopleIn(
    transaction,
    mine.map(({ access }) => access.principalId),
  );
  await notifyPeople(
    transaction,
    mine.flatMap(({ access, days }) =>
      (people.get(access.principalId) ?? []).map((person) => ({
        person,
        subjectKey: `expiry:${access.id}:${access.endsAt.toISOString()}:${days}`,
        notice: reminderNotice(access, days),
      })),
    ),
    delivery,
  );
  return mine.length;
}

function reminderNotice(access: EndingAccess, days: ReminderDays): Notice {
  const role = `${isolated(access.roleName)} on ${isolated(access.resourceName)}`;
  const what = access.eligible ? "eligibility for" : "assignment of";
  return {
    category: "expiry",
    title: `Your ${what} ${role} ends ${days === 1 ? "within a day" : `within ${days} days`}`,
    body: `It ends at ${momentText(access.endsAt)}. Ask for an extension if you still need it.`,
    facts: [
      { label: "Role", value: access.roleName },
      { label: "Resource", value: access.resourceName },
      { label: "Scope", value: access.scope },
      { label: "Ends", value: momentText(access.endsAt) },
    ],
    href: `/my-roles?tab=${access.eligible ? "eligible" : "active"}`,
  };
}
