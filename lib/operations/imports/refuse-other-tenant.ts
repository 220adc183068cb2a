import type { FileRow, ResourceRow } from "@/lib/domain/imports/import-kinds";
import type { Transaction } from "@/lib/platform/database";

/** How Azure names the management group at the top of a tenant. Its id is the tenant's. */
const rootGroupName = "Tenant Root Group";

/**
 * Why a file's subscriptions and management groups may not be imported together, or here. Null if they
 * may. Azure lists those of all tenants to which a person has signed in.
 */
export async function otherTenantFault(
  transaction: Transaction,
  rows: readonly FileRow[],
): Promise<string | null> {
  const tenants = [
    ...new Set(
      rows.flatMap((row) => {
        const { tenantId }: Partial<ResourceRow> = "data" in row ? row.data : {};
        return tenantId ? [tenantId.toLowerCase()] : [];
      }),
    ),
  ];
  const [first, second] = tenants;
  if (first === undefined) return null;
  if (second !== undefined)
    return `The file has entries of several tenants, such as ${first} and ${second}. Keep those of one: add --query "[?tenantId=='${first}']" to the command.`;
  const known = await transaction.$queryRaw<{ id: string }[]>`
    SELECT lower(substring(scope FROM '[^/]+$')) AS id FROM resources
    WHERE display_name = ${rootGroupName} AND resource_type = 'Microsoft.Management/managementGroups' LIMIT 2`;
  const [here] = known;
  return here === undefined || known.length > 1 || here.id === first
    ? null
    : `The file is of the tenant ${first}, and the management groups here are of the tenant ${here.id}.`;
}
