import { z } from "zod";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { importPrincipalShape } from "@/lib/domain/imports/import-principal";
import { storedRows } from "@/lib/domain/imports/stored-rows";
import { importGroupMembers } from "@/lib/operations/imports/import-group-members";
import { importGroups, importUsers } from "@/lib/operations/imports/import-people";
import { importResources } from "@/lib/operations/imports/import-resources";
import {
  importActiveAssignments,
  importEligibilities,
} from "@/lib/operations/imports/import-role-assignments";
import { importRoleDefinitions } from "@/lib/operations/imports/import-role-definitions";
import { importRoleSettings } from "@/lib/operations/imports/import-role-settings";
import type { ImportContext, Importer, ImportVerdict, ShownRow } from "@/lib/operations/imports/importer";

/**
 * A row as it is stored. Only the server writes it, from the file. The digest that was confirmed covers
 * it (`importDigest`).
 */
export interface StoredItem {
  readonly number: number;
  readonly data: unknown;
  readonly shown: ShownRow | null;
}

const fact = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const shownShape: z.ZodType<ShownRow | null> = z
  .object({
    outcome: z.string(),
    difference: z.unknown(),
    about: z
      .object({ principals: z.array(importPrincipalShape), facts: z.record(z.string(), fact) })
      .nullable(),
  })
  .nullable();

/** What the dry run showed for a row, from the database. */
export function shownRow(stored: unknown): ShownRow | null {
  return shownShape.parse(stored);
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
    case "Hierarchy":
    case "Subscriptions":
    case "ResourceGroups":
    case "Resources":
      return run(importResources, storedRows.resource, context, items);
    case "Users":
      return run(importUsers, storedRows.user, context, items);
    case "Groups":
      return run(importGroups, storedRows.group, context, items);
    case "GroupMembers":
      return run(importGroupMembers, storedRows.groupMember, context, items);
    case "RoleDefinitions":
      return run(importRoleDefinitions, storedRows.roleDefinition, context, items);
    case "RoleAssignments":
    case "ActiveAssignments":
      return run(importActiveAssignments, storedRows.roleAssignment, context, items);
    case "Eligibilities":
      return run(importEligibilities, storedRows.roleAssignment, context, items);
    case "RoleSettings":
      return run(importRoleSettings, storedRows.roleSettings, context, items);
  }
}

function run<Row>(
  importer: Importer<Row>,
  shape: z.ZodType<Row>,
  context: ImportContext,
  items: readonly StoredItem[],
): Promise<ImportVerdict[]> {
  return importer(
    context,
    items.map((item) => ({ ...item, data: shape.parse(item.data) })),
  );
}
