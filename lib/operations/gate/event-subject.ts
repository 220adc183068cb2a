import type { AuditEntry } from "@/lib/platform/audit-log";
import { Prisma } from "@/lib/platform/generated/client";

/** Whose access an event is about, to which role and where. */
export type EventSubject = Required<Pick<AuditEntry, "target" | "role" | "resource">>;

/** The same as columns of a query. The row with this alias has the ids of a principal, a role and a resource. */
export function eventSubjectOf(alias: string): Prisma.Sql {
  const row = Prisma.raw(alias);
  return Prisma.sql`
    (SELECT json_build_object('id', id, 'displayName', display_name)
      FROM principals WHERE id = ${row}.principal_id) AS target,
    (SELECT json_build_object('id', id, 'roleName', role_name)
      FROM role_definitions WHERE id = ${row}.role_definition_id) AS role,
    (SELECT json_build_object('id', id, 'displayName', display_name, 'scope', scope, 'path', path)
      FROM resources WHERE id = ${row}.resource_id) AS resource`;
}
