import { rootResource } from "@/lib/authority/authority";
import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Retries dead letters from the first attempt: one by its id, or with null all of them. Only for
 * administrators of the root. For anybody else there are none.
 */
export function retryDelivery(
  database: Database,
  caller: Caller,
  letterId: string | null,
): Promise<OperationResult<{ retried: number }>> {
  const attempt = { kind: "DeliveryRetried" as const, caller, details: { letterId } };
  return runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await mayUntilCommit(transaction, caller.userId, action.writeRoleSettings, root.id)))
      throw new Refusal(notFound, attempt);
    const events = await transaction.$executeRaw`
      UPDATE notification_outbox SET dead_at = NULL, attempts = 0, next_attempt_at = postern_now()
      WHERE dead_at IS NOT NULL AND (${letterId}::uuid IS NULL OR event_id = ${letterId}::uuid)`;
    const mails = await transaction.$executeRaw`
      UPDATE mail_messages SET dead_at = NULL, attempts = 0, next_attempt_at = postern_now()
      WHERE dead_at IS NOT NULL AND (${letterId}::uuid IS NULL OR id = ${letterId}::uuid)`;
    const retried = events + mails;
    if (retried === 0 && letterId !== null) throw new Refusal(notFound, { ...attempt, resource: root });
    await recordAuditEvent(transaction, {
      ...attempt,
      outcome: "Success",
      resource: root,
      details: { letterId, retried },
    });
    return { retried };
  });
}
