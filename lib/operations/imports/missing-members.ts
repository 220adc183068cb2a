import {
  type FileRow,
  type GroupMemberRow,
  maximumImportRows,
  maximumMissingShown,
} from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ImportItem } from "@/lib/operations/imports/importer";
import { findMemberships, keyOf } from "@/lib/operations/imports/membership-targets";
import type { Transaction } from "@/lib/platform/database";

/** A member that the file does not list, as a row of the import: they are removed, or they stay for a reason. */
export interface MissingMember {
  readonly row: Extract<FileRow, { data: object }>;
  readonly willBeRemoved: boolean;
  readonly reason: string | null;
}

/**
 * The members of a file's groups that it does not list. If they stay anyway, only the first
 * `maximumMissingShown`. Null if more are to be removed than an import may have rows. Nobody is removed
 * while any row of the file might be about them: a row that could not be read, or whose group or member
 * is unknown. Their rows are numbered from `after` on.
 */
export async function findMissingMembers(
  transaction: Transaction,
  rows: readonly FileRow[],
  removeMembers: boolean,
  after: number = lastNumber(rows),
): Promise<MissingMember[] | null> {
  const items = rows.flatMap((row) =>
    "data" in row ? [row as Pick<ImportItem<GroupMemberRow>, "number" | "data">] : [],
  );
  const targets = await findMemberships(transaction, items);
  const named = [...targets.values()].flatMap(({ pair }) => (pair ? [pair] : []));
  const unclear = new Map<string | null, number>();
  for (const row of rows) {
    const target = targets.get(row.number);
    if (target?.pair) continue;
    const group = target?.group?.id ?? null;
    if (!unclear.has(group)) unclear.set(group, row.number);
  }
  const groups = [...targets.values()].flatMap(({ group }) => (group ? [group.id] : []));
  const limit = removeMembers ? maximumImportRows : maximumMissingShown;
  const missing = await transaction.$queryRaw<Missing[]>`
    SELECT m.group_id AS "groupId", g.display_name AS "groupName", p.id AS "memberId", p.display_name AS "memberName"
    FROM group_members m JOIN principals g ON g.id = m.group_id JOIN principals p ON p.id = m.member_id
    WHERE m.group_id = ANY (${[...new Set(groups)]}::uuid[])
      AND (m.group_id || ' ' || m.member_id) <> ALL (${named.map(keyOf)}::text[])
    ORDER BY g.display_name, g.id, p.display_name, p.id LIMIT ${limit + 1}`;
  if (removeMembers && missing.length > limit) return null;
  return missing.slice(0, limit).map((each, index) => {
    const blocking = unclear.get(null) ?? unclear.get(each.groupId);
    const willBeRemoved = removeMembers && blocking === undefined;
    const data: GroupMemberRow = {
      group: each.groupId,
      member: each.memberId,
      memberName: each.memberName,
      removeMembers: true,
    };
    return {
      row: {
        number: after + 1 + index,
        line: 0,
        title: `${isolated(each.memberName)}, in ${isolated(each.groupName)}`,
        data,
      },
      willBeRemoved,
      reason:
        removeMembers && !willBeRemoved ? `Row ${blocking} is not understood, and may be this member.` : null,
    };
  });
}

/** The highest number of the rows; zero if there are none. */
export function lastNumber(rows: readonly Pick<FileRow, "number">[]): number {
  return rows.reduce((highest, { number }) => Math.max(highest, number), 0);
}

interface Missing {
  readonly groupId: string;
  readonly groupName: string;
  readonly memberId: string;
  readonly memberName: string;
}
