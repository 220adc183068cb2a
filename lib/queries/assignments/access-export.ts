import { pathsAllowing } from "@/lib/authority/authority";
import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import type { MemberFilter } from "@/lib/domain/assignments/member-filter";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller, Reader } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { accessPage } from "@/lib/queries/assignments/access";
import { type ExportedAccess, withDetails } from "@/lib/queries/assignments/access-details";
import { memberPage } from "@/lib/queries/assignments/members";
import { noPage, type Page } from "@/lib/queries/pages";

const size = 1_000;
/** How many rows are read in the order of the list before a batch is searched for everywhere. */
const first = 5_000;

/** A batch of the members of a resource; null if the caller may not read assignments there. */
export function membersToExport(
  database: Database,
  caller: Reader,
  resourceId: string,
  filter: MemberFilter,
  after: string,
): Promise<Page<ExportedAccess> | null> {
  const at = { after, before: "" };
  return readOnce(database, async (transaction) => {
    const page = await memberPage(transaction, caller, resourceId, filter, at, size);
    return page && { ...page, rows: await withDetails(transaction, caller.userId, page.rows) };
  });
}

/** Where the caller may read assignments now. */
export function accessReach(database: Database, caller: Caller): Promise<string> {
  return readOnce(database, (transaction) => reachIn(transaction, caller));
}

async function reachIn(transaction: Transaction, caller: Caller): Promise<string> {
  const paths = await pathsAllowing(transaction, caller.userId, action.readAssignments);
  return [...paths].sort().join(" ");
}

/** A batch of all access that the caller may read. Null if their `reach` has changed. */
export function accessToExport(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  issuers: ConfirmingIssuers,
  after: string,
  reach: string,
): Promise<Page<ExportedAccess> | null> {
  return readOnce(database, async (transaction) => {
    if ((await reachIn(transaction, caller)) !== reach) return null;
    const page = await accessPage(transaction, caller, filter, { after, before: "" }, issuers, {
      size,
      first,
    });
    return page ? { ...page, rows: await withDetails(transaction, caller.userId, page.rows) } : noPage;
  });
}
