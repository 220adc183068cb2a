import type { SpentProof } from "@/lib/authority/spend-proof";
import type { ImportKind } from "@/lib/domain/import-kinds";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** An import as applying it needs it, its row locked. */
export interface LockedImport {
  readonly id: string;
  readonly kind: ImportKind;
  readonly status: "Staged" | "Applying" | "Applied" | "Discarded";
  readonly digest: string;
  readonly capToMaximum: boolean;
  readonly justification: string | null;
  readonly fileName: string;
  /** Who confirmed it, while it is to be applied on that; null before, and after it has stopped. */
  readonly confirmedById: string | null;
  readonly confirmedByName: string | null;
  readonly proofId: string | null;
  readonly proofMethod: SpentProof["method"] | null;
  /** The confirmation is no older than `proofHours`. */
  readonly proofHolds: boolean;
}

/** For how long a confirmation's proof is good for what the worker has not come to yet. */
const proofHours = 24;

/** The operation that an administrator's proof for an import's direct assignments is bound to. */
export function applyImportOperation(found: {
  readonly id: string;
  readonly digest: string;
}): ProtectedOperation {
  return { kind: "ApplyImport", importId: found.id, digest: found.digest };
}

/** The import, locked until the transaction ends. */
export function lockImport(transaction: Transaction, id: string): Promise<LockedImport | null> {
  return lockOne(transaction, Prisma.sql`i.id = ${id}::uuid`, Prisma.empty);
}

/** The confirmed import that has waited longest, of those that no other worker is at; locked likewise. */
export function lockDueImport(
  transaction: Transaction,
  leftOut: readonly string[],
): Promise<LockedImport | null> {
  const due = Prisma.sql`i.status = 'Applying' AND i.confirmed_at IS NOT NULL AND i.id <> ALL (${[...leftOut]}::uuid[])`;
  return lockOne(transaction, due, Prisma.sql`SKIP LOCKED`);
}

async function lockOne(
  transaction: Transaction,
  condition: Prisma.Sql,
  waiting: Prisma.Sql,
): Promise<LockedImport | null> {
  const [row] = await transaction.$queryRaw<LockedImport[]>`
    SELECT i.id, i.kind::text, i.status::text, i.digest, i.cap_to_maximum AS "capToMaximum", i.justification,
      i.file_name AS "fileName", i.confirmed_by_id AS "confirmedById", p.display_name AS "confirmedByName",
      i.proof_id AS "proofId", s.method::text AS "proofMethod",
      coalesce(i.confirmed_at > postern_now() - make_interval(hours => ${proofHours}::int), false) AS "proofHolds"
    FROM imports i
    LEFT JOIN principals p ON p.id = i.confirmed_by_id
    LEFT JOIN step_up_proofs s ON s.id = i.proof_id
    WHERE ${condition}
    ORDER BY i.confirmed_at, i.id LIMIT 1 FOR UPDATE OF i ${waiting}`;
  return row ?? null;
}

/** How many rows of an import are done, how many wait, and how many of those for a proof. */
export async function importProgress(
  transaction: Transaction,
  importId: string,
): Promise<{ done: number; left: number; needProof: number }> {
  const [row] = await transaction.$queryRaw<{ done: number; left: number; needProof: number }[]>`
    SELECT count(*) FILTER (WHERE state NOT IN ('Pending', 'NeedsProof'))::int AS done,
      count(*) FILTER (WHERE state IN ('Pending', 'NeedsProof'))::int AS left,
      count(*) FILTER (WHERE state = 'NeedsProof')::int AS "needProof"
    FROM import_rows WHERE import_id = ${importId}::uuid`;
  return row ?? { done: 0, left: 0, needProof: 0 };
}
