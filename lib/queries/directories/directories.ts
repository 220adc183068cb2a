import { may, rootResource } from "@/lib/authority/authority";
import { managesDirectories, tokenMaker } from "@/lib/authority/directory-managers";
import type { DriftKind } from "@/lib/domain/directories/directory";
import { isDriftKind } from "@/lib/domain/directories/directory";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

/** How many unapplied requests of a directory are shown, latest first. */
export const mostDriftShown = 50;

/** A request of a directory that Postern has not applied. */
export interface ShownDrift {
  readonly kind: DriftKind;
  readonly subject: string;
  readonly says: string;
  readonly reason: string;
  readonly times: number;
  readonly lastAt: Date;
  /** Whom it is about. If somebody must be taken over first, that person. */
  readonly principal: PrincipalIdentity | null;
}

export interface Directory {
  readonly id: string;
  readonly name: string;
  readonly createdBy: PrincipalIdentity;
  readonly createdAt: Date;
  /** Null without a token. */
  readonly tokenExpiresAt: Date | null;
  readonly tokenExpired: boolean;
  /** Whether it expires within 14 days, or has. */
  readonly tokenEndsSoon: boolean;
  readonly tokenMaker: PrincipalIdentity;
  /** Whether its maker could still make one, once they activate what they may. */
  readonly makerManages: boolean;
  readonly lastUsedAt: Date | null;
  readonly users: number;
  readonly groups: number;
  readonly driftCount: number;
  readonly drift: readonly ShownDrift[];
}

/** The directories in use, for the page that manages them; null if the caller may not. */
export function directoriesFor(database: Database, caller: Caller): Promise<Directory[] | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    for (const right of [action.writePrincipals, action.writeRoleSettings])
      if (!(await may(transaction, caller.userId, right, root.id))) return null;
    const rows = await transaction.$queryRaw<Omit<Directory, "drift">[]>`
      SELECT d.id, d.name, ${identityColumn("by")} AS "createdBy", d.created_at AS "createdAt",
        d.token_expires_at AS "tokenExpiresAt", coalesce(d.token_expires_at <= postern_now(), FALSE) AS "tokenExpired",
        coalesce(d.token_expires_at <= postern_now() + interval '14 days', FALSE) AS "tokenEndsSoon",
        ${identityColumn("u")} AS "tokenMaker", ${managesDirectories(Prisma.sql`u.id`)} AS "makerManages",
        d.last_used_at AS "lastUsedAt",
        (SELECT count(*)::int FROM principals p WHERE p.directory_id = d.id AND p.type = 'User') AS users,
        (SELECT count(*)::int FROM principals p WHERE p.directory_id = d.id AND p.type = 'Group') AS groups,
        (SELECT count(*)::int FROM directory_drift f WHERE f.directory_id = d.id) AS "driftCount"
      FROM directories d JOIN principals by ON by.id = d.created_by_id
      JOIN principals u ON u.id = ${tokenMaker}
      WHERE d.ended_at IS NULL ORDER BY lower(d.name), d.id LIMIT 100`;
    const drift = await driftOf(
      transaction,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({ ...row, drift: drift.get(row.id) ?? [] }));
  });
}

async function driftOf(
  transaction: Transaction,
  directoryIds: readonly string[],
): Promise<Map<string, ShownDrift[]>> {
  const rows = await transaction.$queryRaw<
    (Omit<ShownDrift, "kind"> & { directoryId: string; kind: string })[]
  >`
    SELECT f.directory_id AS "directoryId", f.kind, f.subject, f.says, f.reason, f.times, f.last_at AS "lastAt",
      CASE WHEN p.id IS NOT NULL THEN ${identityColumn("p")} END AS principal
    FROM unnest(${[...directoryIds]}::uuid[]) AS d (id)
    CROSS JOIN LATERAL (SELECT * FROM directory_drift f WHERE f.directory_id = d.id
      ORDER BY f.last_at DESC, f.kind, f.subject LIMIT ${mostDriftShown}) f
    LEFT JOIN principals p ON p.id = f.principal_id
    ORDER BY f.last_at DESC, f.kind, f.subject`;
  const drift = new Map<string, ShownDrift[]>();
  for (const { directoryId, kind, ...row } of rows)
    if (isDriftKind(kind)) drift.set(directoryId, [...(drift.get(directoryId) ?? []), { ...row, kind }]);
  return drift;
}
