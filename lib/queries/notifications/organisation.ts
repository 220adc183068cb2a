import { may, rootResource } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/** The settings of the whole installation, which root administrators edit. */
export interface Organisation {
  /** Domains to which role settings may send mail without a step-up; empty means none. */
  readonly allowedMailDomains: readonly string[];
  /** The version that an edit must name, so that it does not undo another's. */
  readonly version: number;
}

export function readOrganisation(database: Database): Promise<Organisation> {
  return readOnce(database, (transaction) =>
    transaction.installation.findUniqueOrThrow({
      where: { id: 1 },
      select: { allowedMailDomains: true, version: true },
    }),
  );
}

/** The same for the page that edits it; null if the caller may not. */
export function organisationFor(database: Database, caller: Caller): Promise<Organisation | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeRoleSettings, root.id))) return null;
    return transaction.installation.findUniqueOrThrow({
      where: { id: 1 },
      select: { allowedMailDomains: true, version: true },
    });
  });
}
