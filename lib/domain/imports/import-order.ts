import type {
  FileRow,
  GroupMemberRow,
  GroupRow,
  ImportKind,
  ResourceRow,
  RoleAssignmentRow,
  RoleDefinitionRow,
  RoleSettingsRow,
  UserRow,
} from "@/lib/domain/imports/import-kinds";
import { parentScopeOf } from "@/lib/domain/imports/import-kinds";
import { sameNameKey } from "@/lib/domain/text/names";

type AnyRow = Partial<
  ResourceRow & UserRow & GroupRow & GroupMemberRow & RoleDefinitionRow & RoleAssignmentRow & RoleSettingsRow
>;

/** The keys of a row. A file may use each key once. */
function keysOf(kind: ImportKind, row: AnyRow): string[] {
  const texts = (() => {
    switch (kind) {
      case "ManagementGroups":
      case "Hierarchy":
      case "Subscriptions":
      case "ResourceGroups":
      case "Resources":
        return [row.scope];
      case "Users":
        // Every kind of name identifies one person.
        return [row.externalId, row.email];
      case "Groups":
        return [row.externalId && `id ${row.externalId}`, `name ${row.displayName}`];
      case "GroupMembers":
        return [`${row.group} ${row.member}`];
      case "RoleDefinitions":
        return [row.id, row.roleName];
      case "RoleAssignments":
      case "ActiveAssignments":
      case "Eligibilities":
        return [`${row.principal} ${row.role} ${row.scope}`];
      case "RoleSettings":
        return [`${row.role} ${row.scope}`];
    }
  })();
  return texts.flatMap((text) => (text ? [sameNameKey(text)] : []));
}

/** Marks repeated rows as bad and names the first of them. */
export function refuseRepeated(kind: ImportKind, rows: readonly FileRow[]): FileRow[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    if (!("data" in row)) return row;
    const keys = keysOf(kind, row.data);
    const first = keys.map((key) => seen.get(key)).find((each) => each !== undefined);
    if (first !== undefined) {
      const { number, line, title } = row;
      return { number, line, title, fault: `It is the same as row ${first}.` };
    }
    for (const key of keys) seen.set(key, row.number);
    return row;
  });
}

/** Rows in the order in which they can be applied: containers first, otherwise as in the file. */
export function inOrder(rows: readonly FileRow[]): FileRow[] {
  const parents = new Map(
    rows.flatMap((row) => {
      const { scope, parentScope } = ("data" in row ? row.data : {}) as Partial<ResourceRow>;
      return scope
        ? [[sameNameKey(scope), sameNameKey(parentScope ?? parentScopeOf(scope) ?? "")] as const]
        : [];
    }),
  );
  const depth = (row: FileRow) => {
    let levels = 0;
    const { scope } = ("data" in row ? row.data : {}) as Partial<ResourceRow>;
    for (
      let each = scope && sameNameKey(scope);
      each && levels < 50;
      each = parents.get(each) ?? parentScopeOf(each) ?? ""
    ) {
      levels += 1;
    }
    return levels;
  };
  return rows
    .map((row) => ({ row, levels: depth(row) }))
    .sort((left, right) => left.levels - right.levels || left.row.number - right.row.number)
    .map(({ row }) => row);
}
