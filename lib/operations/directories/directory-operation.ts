import { rootResource } from "@/lib/authority/authority";
import { type DriftKind, driftDays, mostDrift } from "@/lib/domain/directories/directory";
import type { OperationError, OperationResult } from "@/lib/domain/gate/operation-error";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller, DirectoryCaller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { checksOf } from "@/lib/platform/recheck";
import { inTransaction } from "@/lib/platform/transaction";

export type Entry = Omit<AuditEntry, "outcome">;

/** A request of a directory that Postern has not applied. */
export interface Drift {
  readonly kind: DriftKind;
  /** Its subject, so that each is stored once. */
  readonly subject: string;
  readonly principalId: string | null;
  readonly groupId: string | null;
  readonly says: string;
}

/** A refusal that is shown on the directory's page until it is resolved. */
export class DirectoryRefusal extends Refusal {
  constructor(
    error: Extract<OperationError, { readonly message: string }>,
    entry: Entry,
    readonly drift: readonly Drift[],
    /**
     * The text that administrators read. The directory may not read it, since it names somebody whom
     * the directory does not own.
     */
    readonly reason: string = error.message,
  ) {
    super(error, entry);
  }
}

/** A directory as an actor in the log. It is not a principal. */
export function actorOf(directory: DirectoryCaller): Partial<Caller> {
  const { displayName, ipAddress, userAgent, correlationId } = directory;
  return { displayName: `${displayName} (directory)`, ipAddress, userAgent, correlationId };
}

/** The details by which each event of a directory names it, and its reason. */
export function entryOf<Kind extends AuditEntry["kind"]>(directory: DirectoryCaller, kind: Kind) {
  return {
    kind,
    caller: actorOf(directory),
    details: { directoryId: directory.directoryId },
  };
}

/**
 * Runs one request of a directory. Its token must be valid until the commit. A refusal for a reason that an
 * administrator can remove is stored with that reason, and administrators are notified at most once a day.
 */
export async function runDirectoryOperation<Success extends object>(
  database: Database,
  directory: DirectoryCaller,
  attempt: Entry,
  work: (transaction: Transaction) => Promise<Success>,
): Promise<OperationResult<Success>> {
  let refused: DirectoryRefusal | null = null;
  const result = await runOperation(database, attempt, async (transaction) => {
    refused = null;
    await requireDirectory(transaction, directory, attempt);
    try {
      return await work(transaction);
    } catch (thrown) {
      if (thrown instanceof DirectoryRefusal) refused = thrown;
      throw thrown;
    }
  });
  if (!result.ok && refused !== null) await keepDrift(database, directory, refused);
  return result;
}

async function requireDirectory(
  transaction: Transaction,
  directory: DirectoryCaller,
  attempt: Entry,
): Promise<void> {
  const isGood = async () => {
    const [row] = await transaction.$queryRaw<{ good: boolean }[]>`
      SELECT EXISTS (SELECT FROM directories WHERE id = ${directory.directoryId}::uuid AND ended_at IS NULL
        AND token_hash = ${directory.tokenHash} AND token_expires_at > postern_now()) AS good`;
    return row?.good ?? false;
  };
  if (!(await isGood())) {
    const message = "The token of this directory is no longer valid.";
    throw new Refusal({ code: "AuthorizationFailed", message }, attempt);
  }
  checksOf(transaction).repeat.push(isGood);
}

const mostAtOnce = 100;

async function keepDrift(
  database: Database,
  directory: DirectoryCaller,
  { drift, reason }: DirectoryRefusal,
): Promise<void> {
  const kept = drift.slice(0, mostAtOnce);
  await inTransaction(database, async (transaction) => {
    const { directoryId } = directory;
    const [row] = await transaction.$queryRaw<{ tell: boolean }[]>`
      SELECT told_at IS NULL OR told_at < postern_now() - interval '1 day' AS tell
      FROM directories WHERE id = ${directoryId}::uuid AND ended_at IS NULL FOR NO KEY UPDATE`;
    if (!row) return;
    await transaction.$executeRaw`
      INSERT INTO directory_drift AS kept (directory_id, kind, subject, principal_id, group_id, says, reason, last_at)
      SELECT DISTINCT ON (kind, subject) ${directoryId}::uuid, kind, subject, principal_id, group_id, says, ${reason.slice(0, 2_000)}, postern_now()
      FROM unnest(${kept.map(({ kind }) => kind)}::text[], ${kept.map(({ subject }) => subject.slice(0, 600))}::text[],
        ${kept.map(({ principalId }) => principalId)}::uuid[], ${kept.map(({ groupId }) => groupId)}::uuid[],
        ${kept.map(({ says }) => says.slice(0, 1_000))}::text[]) AS new (kind, subject, principal_id, group_id, says)
      ORDER BY kind, subject
      ON CONFLICT (directory_id, kind, subject) DO UPDATE SET says = excluded.says, reason = excluded.reason,
        principal_id = excluded.principal_id, group_id = excluded.group_id, last_at = excluded.last_at,
        times = least(kept.times + 1, 1000000)`;
    await transaction.$executeRaw`
      DELETE FROM directory_drift d WHERE d.directory_id = ${directoryId}::uuid
        AND (d.last_at < postern_now() - make_interval(days => ${driftDays})
          OR (d.kind, d.subject) IN (SELECT o.kind, o.subject FROM directory_drift o
            WHERE o.directory_id = ${directoryId}::uuid ORDER BY o.last_at DESC, o.kind, o.subject OFFSET ${mostDrift}))`;
    if (!row.tell) return;
    await transaction.$executeRaw`UPDATE directories SET told_at = postern_now() WHERE id = ${directoryId}::uuid`;
    await recordAuditEvent(transaction, {
      ...entryOf(directory, "DirectoryRefused"),
      outcome: "Success",
      resource: await rootResource(transaction),
      details: { directoryId, directoryName: directory.displayName, reason, says: kept[0]?.says ?? null },
    });
  });
}

/** Removes drift that has been resolved: of these kinds, about this subject or this principal. */
export async function settleDrift(
  transaction: Transaction,
  directoryId: string,
  kinds: readonly DriftKind[],
  about:
    | { readonly subjects: readonly string[] }
    | { readonly principalIds: readonly string[]; readonly groupId?: string },
): Promise<void> {
  const which =
    "subjects" in about
      ? { subject: { in: about.subjects.map((subject) => subject.slice(0, 600)) } }
      : {
          principalId: { in: [...about.principalIds] },
          ...(about.groupId ? { groupId: about.groupId } : {}),
        };
  await transaction.directoryDrift.deleteMany({ where: { directoryId, kind: { in: [...kinds] }, ...which } });
}
