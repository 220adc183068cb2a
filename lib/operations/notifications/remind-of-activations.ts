import { stillWaitsToExtend } from "@/lib/authority/request-basis";
import { minutesBeforeEnd, shortestReminded } from "@/lib/domain/notifications/expiry-reminder";
import type { Notice } from "@/lib/domain/notifications/notice";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";
import { type Delivery, notifyPeople } from "@/lib/operations/notifications/notify-people";
import { peopleIn } from "@/lib/operations/people/find-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 200;

interface EndingActivation {
  readonly id: string;
  readonly principalId: string;
  readonly endsAt: Date;
  readonly roleName: string;
  readonly resourceName: string;
  readonly scope: string;
  /** The eligibility lasts longer than the activation. */
  readonly extendable: boolean;
  /** What a request to extend it waits for; null if none waits. */
  readonly waiting: WaitingStatus | null;
}

/**
 * Reminds members fifteen minutes before an activation ends, once for each end, with one way to extend it.
 * Activations shorter than half an hour and deactivated ones get no reminder. Returns how many reminders were sent.
 */
export async function remindOfActivations(database: Database, delivery: Delivery): Promise<number> {
  let reminded = 0;
  for (;;) {
    const done = await inTransaction(database, async (transaction) => {
      const rows = await endingSoon(transaction);
      return { found: rows.length, reminded: await remind(transaction, rows, delivery) };
    });
    reminded += done.reminded;
    // Another worker may have been first. What it has written is not found again.
    if (done.found < batch) return reminded;
  }
}

function endingSoon(transaction: Transaction): Promise<EndingActivation[]> {
  return transaction.$queryRaw<EndingActivation[]>`
    SELECT x.id, x.principal_id AS "principalId", x.ends_at AS "endsAt", d.role_name AS "roleName",
      r.display_name AS "resourceName", r.scope,
      e.ends_at IS NULL OR e.ends_at > x.ends_at AS extendable, ${stillWaitsToExtend("x")} AS waiting
    FROM assignments x JOIN eligibilities e ON e.id = x.eligibility_id
    JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
    WHERE x.assignment_type = 'Activated' AND x.ends_at > postern_now()
      AND x.ends_at <= postern_now() + make_interval(mins => ${minutesBeforeEnd}::int)
      AND x.starts_at <= postern_now() AND x.removed_at IS NULL
      AND x.ends_at >= x.starts_at + make_interval(mins => ${shortestReminded}::int)
      AND NOT EXISTS (SELECT FROM expiry_reminders reminder WHERE reminder.access_id = x.id
        AND reminder.ends_at = date_trunc('milliseconds', x.ends_at) AND reminder.days_before = 0)
    ORDER BY x.ends_at, x.id LIMIT ${batch}`;
}

async function remind(
  transaction: Transaction,
  rows: readonly EndingActivation[],
  delivery: Delivery,
): Promise<number> {
  if (rows.length === 0) return 0;
  const inserted = await transaction.expiryReminder.createManyAndReturn({
    data: rows.map(({ id, endsAt }) => ({ accessId: id, endsAt, daysBefore: 0 })),
    skipDuplicates: true,
    select: { accessId: true },
  });
  const first = new Set(inserted.map((row) => row.accessId));
  const mine = rows.filter(({ id }) => first.has(id));
  const people = await peopleIn(
    transaction,
    mine.map(({ principalId }) => principalId),
  );
  await notifyPeople(
    transaction,
    mine.flatMap((activation) =>
      (people.get(activation.principalId) ?? []).map((person) => ({
        person,
        subjectKey: `expiry:${activation.id}:${activation.endsAt.toISOString()}:0`,
        notice: reminderNotice(activation),
      })),
    ),
    delivery,
  );
  return mine.length;
}

function reminderNotice(activation: EndingActivation): Notice {
  const { id, roleName, resourceName, scope, endsAt, waiting } = activation;
  const extend = activation.extendable && waiting === null;
  const body = waiting
    ? `It ends at ${momentText(endsAt)} unless your request to extend it is ${waiting === "PendingApproval" ? "approved" : "confirmed with your code"} before.`
    : `It ends at ${momentText(endsAt)}. ${activation.extendable ? "Extend it if you need it longer." : "Your eligibility ends then as well."}`;
  return {
    category: "expiry",
    title: `${isolated(roleName)} on ${isolated(resourceName)} ends within ${minutesBeforeEnd} minutes`,
    body,
    facts: [
      { label: "Role", value: roleName },
      { label: "Resource", value: resourceName },
      { label: "Scope", value: scope },
      { label: "Ends", value: momentText(endsAt) },
    ],
    href: waiting ? "/my-requests?show=waiting" : `/my-roles?tab=active${extend ? `&extend=${id}` : ""}`,
    ...(extend ? { action: "Extend it" } : {}),
  };
}
