import type { AccessRow } from "@/lib/queries/assignments/access-search";

const values = {
  state: (row) => row.state,
  memberName: (row) => row.member.displayName,
  memberType: (row) => row.member.type,
  memberEmail: (row) => row.member.email,
  memberExternalId: (row) => row.member.externalId,
  memberId: (row) => row.member.id,
  roleName: (row) => row.roleName,
  roleDefinitionId: (row) => row.roleDefinitionId,
  resourceName: (row) => row.resourceName,
  scope: (row) => row.scope,
  startsAt: (row) => row.startsAt,
  endsAt: (row) => row.endsAt,
  removed: (row) => row.removed,
  id: (row) => row.id,
} as const satisfies Record<string, (row: AccessRow) => unknown>;

/** The columns of an export of access. */
export const accessColumns = Object.keys(values);

/** A row of access as the fields of a CSV file. */
export function accessFields(row: AccessRow): unknown[] {
  return Object.values(values).map((value) => value(row));
}

/** A row of access as an object of a JSON file. */
export function accessObject(row: AccessRow): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value(row)]));
}
