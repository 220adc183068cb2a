import { mayHandleImport } from "@/lib/authority/import-authority";
import { factorStands } from "@/lib/authority/kept-proof";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { importProofMinutes, type StoredImportKind } from "@/lib/domain/imports/import-kinds";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { digestOfBlocks } from "@/lib/operations/imports/import-digest";
import type { ImportProof } from "@/lib/operations/imports/importer";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { operationDigest } from "@/lib/platform/operation-digest";
import { checksOf } from "@/lib/platform/recheck";

/** An import as applying it needs it, with its row locked. */
export interface LockedImport {
  readonly id: string;
  readonly kind: StoredImportKind;
  readonly status: "Staged" | "Applying" | "Applied" | "Discarded";
  readonly digest: string;
  readonly capToMaximum: boolean;
  readonly justification: string | null;
  readonly fileName: string;
  readonly createdAt: Date;
  /** The person who confirmed it, while it is being applied. Null before, and after it has stopped. */
  readonly confirmedById: string | null;
  readonly confirmedByName: string | null;
  /** Whether a code was entered with that confirmation. */
  readonly hadProof: boolean;
}

/** The operation that an administrator's proof for an import's direct assignments is bound to. */
export function applyImportOperation(found: {
  readonly id: string;
  readonly digest: string;
}): ProtectedOperation {
  return { kind: "ApplyImport", importId: found.id, digest: found.digest };
}

/** The import, locked until the transaction ends. To a caller who may not handle it the import does not exist. */
export async function lockImport(
  transaction: Transaction,
  caller: Caller,
  id: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<LockedImport> {
  const handled = () => mayHandleImport(transaction, caller.userId, id);
  if (!(await handled())) throw new Refusal(notFound, entry);
  const found = await lockOne(transaction, Prisma.sql`i.id = ${id}::uuid`, Prisma.empty);
  if (!found) throw new Refusal(notFound, entry);
  checksOf(transaction).repeat.push(handled);
  return found;
}

/**
 * The proof that was spent when an import was confirmed, if it still covers what is applied now: it
 * belongs to the person who confirmed it, is no older than `importProofMinutes`, was made for the
 * rows that the blocks describe, and what made it is in force. Otherwise null.
 */
export async function proofInForce(transaction: Transaction, importId: string): Promise<ImportProof | null> {
  const [row] = await transaction.$queryRaw<(ImportProof & { operationDigest: Uint8Array })[]>`
    SELECT x.id, x.method::text, x.operation_digest AS "operationDigest",
      extract(epoch FROM postern_now() - x.spent_at)::int AS "ageSeconds"
    FROM imports i JOIN step_up_proofs x ON x.id = i.proof_id AND x.user_id = i.confirmed_by_id
    WHERE i.id = ${importId}::uuid AND ${factorStands("x")}
      AND x.spent_at > postern_now() - make_interval(mins => ${importProofMinutes}::int)`;
  if (!row) return null;
  const operation = applyImportOperation({
    id: importId,
    digest: await digestOfBlocks(transaction, importId),
  });
  if (!Buffer.from(operationDigest(operation)).equals(row.operationDigest)) return null;
  return { id: row.id, method: row.method, ageSeconds: row.ageSeconds };
}

/** The confirmed import that has waited longest and that no other worker handles, also locked. */
export function lockDueImport(
  transaction: Transaction,
  leftOut: readonly string[],
): Promise<LockedImport | null> {
  const due = Prisma.sql`i.status = 'Applying' AND i.confirmed_at IS NOT NULL AND i.id <> ALL (${[...leftOut]}::uuid[])`;
  return lockOne(transaction, due, Prisma.sql`SKIP LOCKED`);
}

/**
 * Whether an import that may contain role settings waits to be applied. It takes a lock that comes
 * before the import's own.
 */
export async function settingsAreDue(transaction: Transaction): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ due: boolean }[]>`
    SELECT EXISTS (SELECT FROM imports
      WHERE status = 'Applying' AND confirmed_at IS NOT NULL AND kind IN ('RoleSettings', 'Several')) AS due`;
  return row?.due ?? false;
}

async function lockOne(
  transaction: Transaction,
  condition: Prisma.Sql,
  waiting: Prisma.Sql,
): Promise<LockedImport | null> {
  const [row] = await transaction.$queryRaw<LockedImport[]>`
    SELECT i.id, i.kind::text, i.status::text, i.digest, i.cap_to_maximum AS "capToMaximum", i.justification,
      i.file_name AS "fileName", i.created_at AS "createdAt", i.confirmed_by_id AS "confirmedById", p.display_name AS "confirmedByName",
      i.proof_id IS NOT NULL AS "hadProof"
    FROM imports i
    LEFT JOIN principals p ON p.id = i.confirmed_by_id
    WHERE ${condition}
    ORDER BY i.confirmed_at, i.id LIMIT 1 FOR UPDATE OF i ${waiting}`;
  return row ?? null;
}

interface ImportProgress {
  readonly left: number;
  readonly needProof: number;
  readonly needPasskey: number;
}

/** How many rows of an import wait, how many of those for a proof, and how many for one by a passkey. */
export async function importProgress(transaction: Transaction, importId: string): Promise<ImportProgress> {
  const [row] = await transaction.$queryRaw<ImportProgress[]>`
    SELECT count(*)::int AS left,
      count(*) FILTER (WHERE state = 'NeedsProof')::int AS "needProof",
      count(*) FILTER (WHERE state = 'NeedsProof' AND needs_passkey)::int AS "needPasskey"
    FROM import_rows WHERE import_id = ${importId}::uuid AND state IN ('Pending', 'NeedsProof')`;
  return row ?? { left: 0, needProof: 0, needPasskey: 0 };
}
