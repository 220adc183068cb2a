import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Permission } from "@/lib/domain/permissions";
import type { Database } from "@/lib/platform/database";

interface BuiltInRole {
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly assignableScopes: string[];
  readonly permissions: Permission[];
}

/** What every installation has: the root of the scope tree and Azure's built-in roles, with their real ids. */
export async function seedBase(database: Database): Promise<void> {
  const root = await database.client.resource.findFirst({ where: { scope: "/" }, select: { id: true } });
  if (!root) {
    await database.client.resource.create({
      data: { scope: "/", displayName: "Contoso", resourceType: "Microsoft.Management/tenants" },
    });
  }
  const file = join(import.meta.dirname, "data", "built-in-roles.json");
  const roles: BuiltInRole[] = JSON.parse(readFileSync(file, "utf8"));
  await database.client.roleDefinition.createMany({
    data: roles.map((role) => ({
      id: role.name,
      roleName: role.roleName,
      description: role.description ?? "",
      roleType: "BuiltInRole",
      permissions: role.permissions.map((permission) => ({ ...permission })),
      assignableScopes: role.assignableScopes,
    })),
    skipDuplicates: true,
  });
}
