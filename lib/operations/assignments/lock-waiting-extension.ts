import { orphanedSince } from "@/lib/authority/request-basis";
import type { Transaction } from "@/lib/platform/database";

/** Locks a request to extend or renew, after its eligibility or assignment. False if it no longer waits. */
export async function lockWaitingExtension(transaction: Transaction, requestId: string): Promise<boolean> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM requests WHERE id = ${requestId}::uuid AND status = 'PendingApproval' FOR UPDATE`;
  return rows.length === 1 && (await orphanedSince(transaction, requestId)) === null;
}
