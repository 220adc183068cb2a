import { randomBytes } from "node:crypto";
import type { Transaction } from "@/lib/platform/database";

const subscriptions = [
  {
    name: "Contoso Production",
    id: "11111111-1111-4111-8111-111111111111",
    parent: "Platform",
    groups: ["prod-web", "prod-data", "prod-network", "prod-security"],
  },
  {
    name: "Contoso Staging",
    id: "22222222-2222-4222-8222-222222222222",
    parent: "Platform",
    groups: ["stage-web", "stage-data", "stage-network", "stage-tools"],
  },
  {
    name: "Contoso Sandbox",
    id: "33333333-3333-4333-8333-333333333333",
    parent: "Labs",
    groups: ["lab-ml", "lab-iot", "lab-web", "lab-shared"],
  },
] as const;

const types = [
  ["Microsoft.Compute/virtualMachines", "vm"],
  ["Microsoft.Storage/storageAccounts", "st"],
  ["Microsoft.Sql/servers", "sql"],
  ["Microsoft.KeyVault/vaults", "kv"],
  ["Microsoft.Web/sites", "app"],
] as const;

/** Creates the tree of resources below the root. The ids by display name. */
export async function seedResources(transaction: Transaction): Promise<Map<string, string>> {
  const root = await transaction.resource.findFirstOrThrow({ where: { scope: "/" }, select: { id: true } });
  const ids = new Map([["Contoso", root.id]]);
  const make = async (
    parent: string,
    rows: { scope: string; displayName: string; resourceType: string }[],
  ) => {
    const parentId = ids.get(parent);
    const made = await transaction.resource.createManyAndReturn({
      data: rows.map((row) => ({ ...row, parentId })),
      select: { id: true, displayName: true },
    });
    for (const row of made) ids.set(row.displayName, row.id);
  };
  await make(
    "Contoso",
    ["Platform", "Labs"].map((displayName) => ({
      scope: `/providers/Microsoft.Management/managementGroups/${displayName.toLowerCase()}`,
      displayName,
      resourceType: "Microsoft.Management/managementGroups",
    })),
  );
  for (const subscription of subscriptions) {
    const scope = `/subscriptions/${subscription.id}`;
    await make(subscription.parent, [
      { scope, displayName: subscription.name, resourceType: "Microsoft.Resources/subscriptions" },
    ]);
    await make(
      subscription.name,
      subscription.groups.map((group) => ({
        scope: `${scope}/resourceGroups/${group}`,
        displayName: group,
        resourceType: "Microsoft.Resources/resourceGroups",
      })),
    );
    for (const group of subscription.groups) {
      await make(
        group,
        types.map(([resourceType, prefix]) => {
          const displayName = `${prefix}-${group}-${randomBytes(2).toString("hex")}`;
          return {
            scope: `${scope}/resourceGroups/${group}/providers/${resourceType}/${displayName}`,
            displayName,
            resourceType,
          };
        }),
      );
    }
  }
  return ids;
}
