import type { SpentProof } from "@/lib/authority/spend-proof";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** Moves the end of a locked activation, and logs the old and the new one. */
export async function moveEnd(
  transaction: Transaction,
  assignmentId: string,
  change: {
    readonly presentEnd: Date;
    readonly endsAt: Date;
    readonly policy: object;
    readonly proof: SpentProof | null;
    readonly entry: Omit<AuditEntry, "outcome">;
  },
): Promise<void> {
  const { presentEnd, endsAt, policy, proof, entry } = change;
  await transaction.assignment.update({ where: { id: assignmentId }, data: { endsAt } });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    assignmentId,
    proof,
    details: {
      ...entry.details,
      endsAt: endsAt.toISOString(),
      endBefore: presentEnd.toISOString(),
      policy,
    },
  });
}
