import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Permission } from "@/lib/domain/roles/permissions";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { root as checkout } from "@/scripts/parts/root.mjs";

interface BuiltInRole {
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly assignableScopes: string[];
  readonly permissions: Permission[];
}

/**
 * Lets this transaction write as the owner of the tables until its end: what an installation starts with needs no
 * events.
 */
export async function becomeOwner(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SET LOCAL ROLE NONE`;
}

/** The contents of every installation: the root of the scope tree, named after the organisation, and Azure's built-in roles with their real ids. */
export async function seedBase(database: Database, organisation = "Contoso"): Promise<void> {
  const root = await database.client.resource.findFirst({ where: { scope: "/" }, select: { id: true } });
  if (!root) {
    await database.client.resource.create({
      data: { scope: "/", displayName: organisation, resourceType: "Microsoft.Management/tenants" },
    });
  }
  const file = join(checkout, "prisma", "seed", "data", "built-in-roles.json");
  const roles: BuiltInRole[] = JSON.parse(readFileSync(file, "utf8"));
  await inTransaction(database, async (transaction) => {
    await becomeOwner(transaction);
    await transaction.roleDefinition.createMany({
      data: roles.map((role) => ({
        id: role.name,
        roleName: role.roleName,
        description: role.description ?? "",
        roleType: "BuiltInRole" as const,
        permissions: role.permissions.map((permission) => ({ ...permission })),
        assignableScopes: role.assignableScopes,
      })),
      skipDuplicates: true,
    });
  });
}
