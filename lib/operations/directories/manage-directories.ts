import { rootResource } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type Attempt = Omit<AuditEntry, "outcome">;

/** How a token is stored that is shown once. */
export interface NewToken {
  readonly tokenHash: Uint8Array<ArrayBuffer>;
  readonly days: number;
}

/**
 * Refuses callers who may not manage directories. That takes the rights to change people and to edit
 * role settings, both at the root, since a directory decides who is here and who is in its groups.
 */
export async function requireDirectoryManager<Entry extends Attempt>(
  transaction: Transaction,
  caller: Caller,
  attempt: Entry,
) {
  const root = await rootResource(transaction);
  const entry = { ...attempt, resource: root };
  await requirePermission(transaction, caller, action.writePrincipals, root, entry);
  await requirePermission(transaction, caller, action.writeRoleSettings, root, entry);
  return entry;
}

/** The same, and the directory locked until the transaction ends. Refuses one that has ended. */
export async function openDirectory<Entry extends Attempt>(
  transaction: Transaction,
  caller: Caller,
  attempt: Entry,
  directoryId: string,
) {
  const entry = await requireDirectoryManager(transaction, caller, attempt);
  const [directory] = await transaction.$queryRaw<{ id: string; name: string }[]>`
    SELECT id, name FROM directories WHERE id = ${directoryId}::uuid AND ended_at IS NULL FOR NO KEY UPDATE`;
  if (!directory) throw new Refusal(notFound, entry);
  const details = { ...entry.details, directoryId, directoryName: directory.name };
  return { directory, entry: { ...entry, details } };
}
