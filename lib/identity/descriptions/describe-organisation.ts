import { rootResource } from "@/lib/authority/authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { isolated } from "@/lib/domain/text/visible-text";
import { presentZone } from "@/lib/domain/time/zone-names";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Transaction } from "@/lib/platform/database";

type ChangeOfOrganisation = Extract<ProtectedOperation, { readonly kind: "UpdateOrganisation" }>;

/** How an edit changes the organisation's settings, from what to what. */
export async function describeOrganisation(
  transaction: Transaction,
  { displayName, timeZone, allowedMailDomains, alertAddresses }: ChangeOfOrganisation,
): Promise<OperationDescription> {
  const root = await rootResource(transaction);
  const before = await transaction.installation.findUniqueOrThrow({
    where: { id: 1 },
    select: { timeZone: true, allowedMailDomains: true, alertAddresses: true },
  });
  const listed = (of: readonly string[]) => of.join(", ") || "None";
  const lines: [string, string, string][] = [
    ["Name", root.displayName, displayName],
    ["Time zone", presentZone(before.timeZone), timeZone],
  ];
  // The line above a code shows the values alone, so a list says what it is of.
  const lists: [string, string, string][] = [
    ["Mail domains", listed(before.allowedMailDomains), listed(allowedMailDomains)],
    ["Alerts also to", listed(before.alertAddresses), listed(alertAddresses)],
  ];
  const changed = ([, old, wanted]: [string, string, string]) => old !== wanted;
  return {
    title: "Change the organisation's settings",
    details: [
      ...lines
        .filter(changed)
        .map(([label, old, wanted]) => ({ label, value: `${isolated(old)} → ${isolated(wanted)}` })),
      ...lists.filter(changed).map(([label, old, wanted]) => ({
        label: "Setting",
        value: `${label}: ${isolated(old)} → ${isolated(wanted)}`,
      })),
    ],
  };
}
