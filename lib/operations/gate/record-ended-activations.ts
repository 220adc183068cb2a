import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

interface Ended extends EventSubject {
  readonly id: string;
  readonly eligibilityId: string;
  readonly endsAt: Date;
}

/**
 * Logs activations that ended early because their eligibility or membership ended: one event each, in the order of
 * their ids (docs/rules.md, rule 9). The actor is the person who ended it; null for the system.
 */
export async function recordEndedActivations(
  transaction: Transaction,
  actor: Actor | null,
  assignmentIds: readonly string[],
): Promise<void> {
  if (assignmentIds.length === 0) return;
  const ended = await transaction.$queryRaw<Ended[]>`
    SELECT a.id, a.eligibility_id AS "eligibilityId", a.ends_at AS "endsAt",
      ${eventSubjectOf("a")}
    FROM assignments a WHERE a.id = ANY (${[...assignmentIds]}::uuid[]) ORDER BY a.id`;
  await recordAuditEvents(
    transaction,
    ended.map(({ id, eligibilityId, endsAt, ...about }) => ({
      ...about,
      kind: "ActivationRevoked" as const,
      outcome: "Success" as const,
      ...(actor ? { caller: actor } : {}),
      assignmentId: id,
      eligibilityId,
      details: { endsAt: endsAt.toISOString() },
    })),
  );
}
