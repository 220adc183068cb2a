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
    ["Allowed mail domains", listed(before.allowedMailDomains), listed(allowedMailDomains)],
    ["Alerts are also mailed to", listed(before.alertAddresses), listed(alertAddresses)],
  ];
  return {
    title: "Change the organisation's settings",
    details: lines
      .filter(([, old, wanted]) => old !== wanted)
      .map(([label, old, wanted]) => ({ label, value: `${isolated(old)} → ${isolated(wanted)}` })),
  };
}
