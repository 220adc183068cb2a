import { rootResource } from "@/lib/authority/authority";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * If the sign-in is by a break-glass account, opens its review and logs it, so that all administrators are notified
 * at once. Everything that creates or opens a session calls this. The database refuses a session without it.
 */
export async function openBreakGlassReview(
  transaction: Transaction,
  session: { readonly id: string; readonly userId: string },
  origin: { readonly ipAddress: string; readonly userAgent: string },
  method: string,
): Promise<void> {
  const [user] = await transaction.$queryRaw<{ id: string; displayName: string }[]>`
    INSERT INTO break_glass_sign_ins (session_id, user_id)
    SELECT ${session.id}::uuid, user_id FROM break_glass_accounts WHERE user_id = ${session.userId}::uuid
    RETURNING user_id AS id, (SELECT p.display_name FROM principals p WHERE p.id = user_id) AS "displayName"`;
  if (!user) return;
  await recordAuditEvent(transaction, {
    kind: "BreakGlassSignIn",
    outcome: "Success",
    caller: {
      ...{ userId: user.id, displayName: user.displayName, sessionId: session.id },
      ...{ ipAddress: origin.ipAddress, userAgent: origin.userAgent },
    },
    target: user,
    resource: await rootResource(transaction),
    details: { method },
  });
}
