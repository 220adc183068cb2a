import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { importGroupMembers } from "@/lib/operations/imports/import-group-members";
import { importGroups, importUsers } from "@/lib/operations/imports/import-people";
import { importResources } from "@/lib/operations/imports/import-resources";
import { importRoleAssignments } from "@/lib/operations/imports/import-role-assignments";
import { importRoleDefinitions } from "@/lib/operations/imports/import-role-definitions";
import type {
  ImportContext,
  Importer,
  ImportItem,
  ImportVerdict,
  ShownRow,
} from "@/lib/operations/imports/importer";

/** A row as it is stored. Only the server writes it, from the file. */
export interface StoredItem {
  readonly number: number;
  readonly data: unknown;
  readonly shown: ShownRow | null;
}

/** Checks rows of a kind, or applies them; see `Importer`. */
export function runImporter(
  kind: ImportKind,
  context: ImportContext,
  items: readonly StoredItem[],
): Promise<ImportVerdict[]> {
  if (items.length === 0) return Promise.resolve([]);
  switch (kind) {
    case "ManagementGroups":
    case "ResourceGroups":
    case "Resources":
      return run(importResources, context, items);
    case "Users":
      return run(importUsers, context, items);
    case "Groups":
      return run(importGroups, context, items);
    case "GroupMembers":
      return run(importGroupMembers, context, items);
    case "RoleDefinitions":
      return run(importRoleDefinitions, context, items);
    case "RoleAssignments":
      return run(importRoleAssignments, context, items);
  }
}

function run<Row>(
  importer: Importer<Row>,
  context: ImportContext,
  items: readonly StoredItem[],
): Promise<ImportVerdict[]> {
  return importer(context, items as readonly ImportItem<Row>[]);
}
