import { networkOf } from "@/lib/domain/people/network-of";
import { attackFailures, notifyAgainHours, throttles } from "@/lib/domain/people/throttle";
import type { Verdict } from "@/lib/identity/attempts/throttle";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { firstIn } from "@/lib/platform/sql/first-in";

interface Attempt {
  readonly caller: NonNullable<AuditEntry["caller"]>;
  /** The account's user, if there is one. */
  readonly user: { readonly id: string; readonly displayName: string } | null;
}

/**
 * Logs that somebody is guessing passwords, at most once a day for an account or address. The account's
 * user is notified each time. Administrators are notified of the first case in an hour, so that an
 * attack on many accounts does not flood them.
 */
export async function notifyOfGuessing(
  transaction: Transaction,
  { caller, user }: Attempt,
  verdict: Verdict,
  account: string,
): Promise<void> {
  if (verdict.blocked) return;
  const { strangers = 0, address = 0 } = verdict.failures;
  const attacked = [
    ...(strangers >= attackFailures ? [{ what: "Account", subject: account, failures: strangers }] : []),
    ...(address >= throttles.address.free
      ? [{ what: "Address", subject: networkOf(caller.ipAddress ?? ""), failures: address }]
      : []),
  ];
  for (const { what, subject, failures } of attacked) {
    if (!(await firstIn(transaction, `${what}:${subject}`, notifyAgainHours.attack))) continue;
    const administrators = await firstIn(transaction, "administrators", notifyAgainHours.administrators);
    const root = await transaction.resource.findFirst({ where: { parentId: null } });
    await recordAuditEvent(transaction, {
      kind: "SignInAttacked",
      outcome: "Failure",
      caller: { ipAddress: caller.ipAddress, userAgent: caller.userAgent },
      ...(what === "Account" && user ? { target: user } : {}),
      ...(root ? { resource: root } : {}),
      details: { what, failures: Math.floor(failures), administrators },
    });
  }
}

/**
 * Logs that wrong codes for an account accumulate, even with right ones in between, and notifies its
 * user. At most once a day.
 */
export async function notifyOfWrongCodes(
  transaction: Transaction,
  caller: NonNullable<AuditEntry["caller"]> & { readonly userId: string; readonly displayName: string },
  verdict: Verdict,
): Promise<void> {
  const failures = verdict.blocked ? 0 : (verdict.failures.codes ?? 0);
  if (failures < attackFailures) return;
  if (!(await firstIn(transaction, `codes:${caller.userId}`, notifyAgainHours.attack))) return;
  await recordAuditEvent(transaction, {
    kind: "WrongCodesGathered",
    outcome: "Failure",
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    details: { failures: Math.floor(failures) },
  });
}
