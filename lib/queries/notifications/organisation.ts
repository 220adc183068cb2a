import { may, rootResource } from "@/lib/authority/authority";
import type { OrganisationSettings } from "@/lib/domain/notifications/organisation";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/** The settings of the whole installation, which root administrators edit. */
export interface Organisation extends OrganisationSettings {
  /** The version that an edit must name, so that it does not undo another edit. */
  readonly version: number;
}

/** The domains to which role settings may send mail without a step-up. */
export function readAllowedMailDomains(database: Database): Promise<readonly string[]> {
  return readOnce(database, async (transaction) => {
    const { allowedMailDomains } = await transaction.installation.findUniqueOrThrow({
      where: { id: 1 },
      select: { allowedMailDomains: true },
    });
    return allowedMailDomains;
  });
}

/** The organisation's settings, for the page that edits them; null if the caller may not. */
export function organisationFor(database: Database, caller: Caller): Promise<Organisation | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeRoleSettings, root.id))) return null;
    const settings = await transaction.installation.findUniqueOrThrow({
      where: { id: 1 },
      select: { timeZone: true, allowedMailDomains: true, alertAddresses: true, version: true },
    });
    return { displayName: root.displayName, ...settings };
  });
}
