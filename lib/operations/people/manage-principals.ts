import { rootResource } from "@/lib/authority/authority";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { endLockedActivations } from "@/lib/operations/gate/end-activations";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A principal as operations on it and the log need it. */
export interface PrincipalFacts {
  readonly id: string;
  readonly type: PrincipalType;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly version: number;
  readonly disabledAt: Date | null;
  /** The directory that owns it, unless that directory has ended. */
  readonly directoryId: string | null;
  readonly directoryName: string | null;
}

/** Refuses unless the caller may manage people and groups. The right counts only at the root. */
export async function requirePrincipalManager(
  transaction: Transaction,
  caller: Actor,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const root = await rootResource(transaction);
  await requirePermission(transaction, caller, action.writePrincipals, root, entry);
}

/** The principal, locked until the transaction ends. Refuses an unknown one. */
export async function lockPrincipal(
  transaction: Transaction,
  id: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<PrincipalFacts> {
  const [row] = await transaction.$queryRaw<PrincipalFacts[]>`
    SELECT p.id, p.type::text, p.display_name AS "displayName", p.email, p.external_id AS "externalId", p.version,
      p.disabled_at AS "disabledAt", d.id AS "directoryId", d.name AS "directoryName"
    FROM principals p LEFT JOIN directories d ON d.id = p.directory_id AND d.ended_at IS NULL
    WHERE p.id = ${id}::uuid FOR NO KEY UPDATE OF p`;
  if (!row) throw new Refusal(notFound, entry);
  return row;
}

/**
 * Refuses a change by hand of what a directory owns: the names, whether it is enabled, and who is in a group
 * (docs/decisions/directories.md).
 */
export function refuseOwned(
  principal: Pick<PrincipalFacts, "displayName" | "directoryName">,
  entry: Omit<AuditEntry, "outcome">,
): void {
  const { displayName, directoryName } = principal;
  if (directoryName === null) return;
  const message = `${isolated(displayName)} belongs to the directory ${isolated(directoryName)}. Change it there, or take it out of the directory first.`;
  throw new Refusal({ code: "Conflict", message }, entry);
}

/**
 * Opens a change of a principal: refuses callers who may not manage people, locks the principal, and
 * returns it with the log entry.
 */
export async function openPrincipal<Attempt extends Omit<AuditEntry, "outcome">>(
  transaction: Transaction,
  caller: Actor,
  attempt: Attempt,
  principalId: string,
): Promise<{
  readonly principal: PrincipalFacts;
  readonly entry: Attempt & { readonly target: PrincipalFacts };
}> {
  await requirePrincipalManager(transaction, caller, attempt);
  const principal = await lockPrincipal(transaction, principalId, attempt);
  return { principal, entry: { ...attempt, target: principal } };
}

/** Ends every session of a user; returns how many were open. */
export function endSessionsOf(transaction: Transaction, userId: string): Promise<number> {
  return transaction.$executeRaw`
    UPDATE sessions SET ended_at = postern_now() WHERE user_id = ${userId}::uuid AND ended_at IS NULL`;
}

/**
 * Ends every activation, running or scheduled, of a principal and of everybody below it whose eligibility no longer
 * reaches its member. Otherwise the activation would return with the membership. The request of one that has not
 * begun is canceled. Locks the activations in the order of their ids and logs each. Returns the member of each.
 */
export async function endUnreachedActivations(
  transaction: Transaction,
  actor: Actor | null,
  principalIds: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string; principalId: string }[]>`
    SELECT a.id, a.principal_id AS "principalId" FROM assignments a JOIN eligibilities e ON e.id = a.eligibility_id
    WHERE a.principal_id IN (SELECT principals_and_members_below(${[...principalIds]}::uuid[]))
      AND a.assignment_type = 'Activated' AND a.ends_at > ${now}
      AND e.principal_id NOT IN (SELECT principal_and_groups(a.principal_id))
    ORDER BY a.id FOR UPDATE OF a`;
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  await endLockedActivations(transaction, actor, ids, now);
  return rows.map((row) => row.principalId);
}
