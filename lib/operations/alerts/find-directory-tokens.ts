import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
} from "@/lib/authority/alerts/alert-finding";
import { managesDirectories, tokenMaker } from "@/lib/authority/directory-managers";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

interface TokenRow extends SeenAt {
  readonly resourceId: string;
  readonly principalId: string;
  readonly directoryId: string;
  readonly name: string;
}

/** Valid tokens of directories whose maker could no longer make one. One finding each, until a new one is made. */
export async function tokensThatOutliveMakers(
  transaction: Transaction,
  atOnce: number,
): Promise<FoundOfKind> {
  const kind = "TokenOutlivesMaker";
  const rows = await transaction.$queryRaw<TokenRow[]>`
    SELECT r.id AS "resourceId", ${tokenMaker} AS "principalId", d.id AS "directoryId", d.name, known.seen_at AS "seenAt"
    FROM directories d JOIN resources r ON r.parent_id IS NULL ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`d.id`)}
    WHERE coalesce(s.enabled, true) AND d.ended_at IS NULL AND d.token_expires_at > postern_now()
      AND NOT ${managesDirectories(tokenMaker)}
    ORDER BY ${newestThenLongestUnseen}, d.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ resourceId, principalId, directoryId, name }) => ({
    ...{ resourceId, principalId, subject: directoryId },
    details: { directory: name },
  }));
}
