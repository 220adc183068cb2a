import { may } from "@/lib/authority/authority";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import { accessOf, type MemberFilter } from "@/lib/domain/assignments/member-filter";
import { proposedEnd } from "@/lib/domain/assignments/renewal";
import { assigningTakesCode, assigningTakesResistant } from "@/lib/domain/roles/factors-asked";
import { action } from "@/lib/domain/roles/permissions";
import type { Reader } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { accessPage } from "@/lib/queries/assignments/access";
import { type AccessRow, accessPageSize } from "@/lib/queries/assignments/access-search";
import { type CountedPage, countedAtMost, type Total } from "@/lib/queries/assignments/access-total";
import { membersAt } from "@/lib/queries/assignments/members-at";
import { noPage, type Page, type PagePlace } from "@/lib/queries/pages";
import { type DirectSettings, settingsOfEach } from "@/lib/queries/roles/direct-settings";

export interface MemberRow extends AccessRow {
  /** The maximum of the role settings for its type where it is assigned; null if permanent is allowed. */
  readonly maximumDays: number | null;
  /** Whether changing it takes a second factor of the administrator. */
  readonly needsCode: boolean;
  /** Whether only a phishing-resistant factor would do. */
  readonly resistantOnly: boolean;
  readonly proposedEnd: Date;
}

export interface MemberPage extends Page<MemberRow> {
  readonly now: Date;
  readonly total: Total;
}

/**
 * The members who are eligible for, hold or held roles at a resource. The filter adds what is inherited
 * or what lies below. Sorted, fifty a page. Empty if the caller may not read assignments there.
 */
export function listMembers(
  database: Database,
  caller: Reader,
  resourceId: string,
  filter: MemberFilter,
  at: PagePlace,
): Promise<MemberPage> {
  return readOnce(database, async (transaction) => {
    const now = await databaseNow(transaction);
    const page = await memberPage(transaction, caller, resourceId, filter, at, accessPageSize);
    if (!page) return { ...noPage, now, total: { count: 0, most: countedAtMost } };
    const { count, ...shown } = page;
    return { ...shown, now, total: await count(), rows: await withSettings(transaction, page.rows, now) };
  });
}

/** A page of members without the settings of each. Null if the caller may not read assignments there. */
export async function memberPage(
  transaction: Transaction,
  caller: Reader,
  resourceId: string,
  filter: MemberFilter,
  at: PagePlace,
  size: number,
): Promise<CountedPage<AccessRow> | null> {
  if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return null;
  if (filter.where !== "below") return membersAt(transaction, resourceId, filter, at, size);
  const { roleDefinitionId, kind, search, order } = filter;
  const access = {
    ...allAccess,
    ...accessOf(filter),
    roleDefinitionId,
    kind,
    search,
    resourceId,
    below: true,
    order: { by: "end", descending: order.descending } as const,
  };
  return accessPage(transaction, caller, access, at, noIssuers, { size, first: Math.max(500, size * 2) });
}

/** The rows with the settings that judge a change of each. */
async function withSettings(
  transaction: Transaction,
  rows: readonly AccessRow[],
  now: Date,
): Promise<MemberRow[]> {
  const found = await settingsOfEach(transaction, rows);
  return rows.flatMap((row, index) => {
    const settings = found[index];
    return settings ? [memberRow(row, settings, now)] : [];
  });
}

function memberRow(row: AccessRow, settings: DirectSettings, now: Date): MemberRow {
  const eligible = row.state === "Eligible";
  const maximumDays = eligible ? settings.eligibleMaximumDays : settings.activeMaximumDays;
  return {
    ...row,
    maximumDays,
    needsCode: assigningTakesCode(eligible ? "Eligible" : "Active", settings),
    resistantOnly: assigningTakesResistant(eligible ? "Eligible" : "Active", settings),
    proposedEnd: proposedEnd(row, maximumDays, now),
  };
}
