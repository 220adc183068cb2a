import { visibleResource } from "@/lib/authority/authority";
import { settingWords } from "@/lib/domain/alerts/alert-setting";
import { alertDescriptions, alertKinds } from "@/lib/domain/alerts/alerts";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type ChangeOfAlerts = Extract<ProtectedOperation, { readonly kind: "UpdateAlertSettings" }>;

/** What raised alerts at a resource before, and what would from now on. */
export async function describeAlertSettings(
  transaction: Transaction,
  caller: Caller,
  { resourceId, alerts }: ChangeOfAlerts,
): Promise<OperationDescription | null> {
  const resource = await visibleResource(transaction, caller.userId, resourceId);
  if (!resource) return null;
  return {
    title: `Raise fewer alerts on ${isolated(resource.displayName)} and below`,
    details: alerts.flatMap(({ alert, shown, ...chosen }) => {
      const kind = alertKinds.find((each) => each === alert);
      if (!kind) return [];
      // The line above the code shows only the values, so each value names its alert.
      const { title } = alertDescriptions[kind];
      return [
        { label: "Alert", value: `${title}: ${settingWords(kind, shown)} → ${settingWords(kind, chosen)}` },
      ];
    }),
  };
}
