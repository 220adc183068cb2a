import { action } from "@/lib/domain/roles/permissions";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether a user manages directories, or may once they activate what they are eligible for: both rights that it takes,
 * at the root. Nobody who is disabled does.
 */
export function managesDirectories(userId: Prisma.Sql): Prisma.Sql {
  const inEffect = (row: Prisma.Sql) =>
    Prisma.sql`${row}.principal_id = own.id AND ${row}.starts_at <= postern_now() AND (${row}.ends_at IS NULL OR ${row}.ends_at > postern_now())`;
  const has = (right: string) => Prisma.sql`EXISTS (
    SELECT FROM principal_and_groups(${userId}) AS own (id)
    CROSS JOIN LATERAL (
      SELECT a.role_definition_id, a.resource_id FROM assignments a WHERE ${inEffect(Prisma.sql`a`)}
      UNION ALL
      SELECT e.role_definition_id, e.resource_id FROM eligibilities e WHERE ${inEffect(Prisma.sql`e`)}) held
    JOIN resources top ON top.id = held.resource_id AND top.parent_id IS NULL
    JOIN role_definitions role ON role.id = held.role_definition_id
    WHERE permissions_allow(role.permissions, ${right}))`;
  return Prisma.sql`(${has(action.writePrincipals)} AND ${has(action.writeRoleSettings)})`;
}

/** Who made the token of a directory `d`, by their id. */
export const tokenMaker = Prisma.sql`coalesce(d.token_made_by_id, d.created_by_id)`;
