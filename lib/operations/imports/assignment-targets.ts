import type { ResourceFacts } from "@/lib/authority/authority";
import type { RoleAssignmentRow } from "@/lib/domain/imports/import-kinds";
import type { ImportPrincipal } from "@/lib/domain/imports/import-principal";
import { readMailAddress } from "@/lib/domain/people/mail-address";
import { externalIdField, principalTypes } from "@/lib/domain/people/principal";
import { limits } from "@/lib/domain/text/limits";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Schedule } from "@/lib/domain/time/schedule";
import type { ImportContext, ImportItem } from "@/lib/operations/imports/importer";
import {
  aboutPrincipal,
  type FoundPrincipal,
  fitsSeveral,
  lockPrincipals,
} from "@/lib/operations/imports/principal-targets";
import { keysOf, knownBy } from "@/lib/operations/people/refuse-taken-names";
import { retiredAmong } from "@/lib/operations/resources/retired-scopes";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** Who gets which role at which resource, found by the names in the row. */
export interface AssignmentTarget {
  /** A null id: a service principal that is to be created with its external id. */
  readonly principal: ImportPrincipal;
  /**
   * The text that is compared with the dry run. A service principal that an earlier row of this import
   * has created counts as still to be created, as it did then.
   */
  readonly shown: ImportPrincipal;
  readonly role: { readonly id: string; readonly roleName: string; readonly version: number };
  readonly resource: ResourceFacts;
  readonly assignable: boolean;
  /** The same access, existing now or later, by its start. */
  readonly held: readonly HeldAccess[];
}

/** Access that somebody has already. */
interface HeldAccess extends Schedule {
  readonly activated: boolean;
}

/** What a row gives: the role itself, or the right to activate it. */
export type AccessType = "Active" | "Eligible";

/** The same key for rows that mean the same assignment. */
export function key({ principal, role, resource }: AssignmentTarget): string {
  return `${principal.id ?? nameOf(principal)} ${role.id} ${resource.id}`;
}

/** The key that tells apart service principals to be created. */
export function nameOf({ externalId }: Pick<ImportPrincipal, "externalId">): string {
  return sameNameKey(externalId ?? "");
}

/** What each row names, by its number; or a message about what is unknown. */
export async function loadTargets(
  { transaction, write, importId }: ImportContext,
  type: AccessType,
  items: readonly ImportItem<RoleAssignmentRow>[],
): Promise<Map<number, AssignmentTarget | string>> {
  const roleNames = items.map(({ data }) => data.role);
  const roleIds = roleNames.map(sameNameKey).filter(isUuid);
  const names = items.map(({ data }) => data.principal);
  if (write) await lockPrincipals(transaction, "shared", names, []);
  const principals = await knownBy(transaction, names);
  const madeHere = write ? await madeBy(transaction, importId, principals) : new Set<string>();
  const roles = await transaction.$queryRaw<(AssignmentTarget["role"] & { assignableScopes: string[] })[]>`
    SELECT id, role_name AS "roleName", version, assignable_scopes AS "assignableScopes" FROM role_definitions
    WHERE deleted_at IS NULL
      AND (id = ANY (${roleIds}::uuid[]) OR name_key(role_name) = ANY (${nameKeys(roleNames)}))
    ORDER BY id FOR KEY SHARE`;
  const resources = await transaction.$queryRaw<(ResourceFacts & { above: string[] })[]>`
    SELECT r.id, r.parent_id AS "parentId", r.scope, r.path, r.display_name AS "displayName",
      r.resource_type AS "resourceType",
      (SELECT array_agg(u.scope) FROM resources u WHERE u.id = ANY (path_ids(r.path))) AS above
    FROM resources r WHERE name_key(r.scope) = ANY (${nameKeys(items.map(({ data }) => data.scope))})`;
  const made = new Map<string, ImportPrincipal>();
  const held = await loadHeldAccess(transaction, type, principals, roles, resources);
  const principalOf = new Map<string, FoundPrincipal[]>();
  for (const each of principals)
    for (const name of new Set(keysOf(each))) principalOf.set(name, [...(principalOf.get(name) ?? []), each]);
  const roleOf = index(roles, ({ id, roleName }) => [roleName, id]);
  const resourceOf = index(resources, ({ scope }) => [scope]);
  const missing = items.flatMap(({ data }) => (resourceOf.get(sameNameKey(data.scope)) ? [] : [data.scope]));
  const retired = await retiredAmong(transaction, missing);
  return new Map(
    items.map(({ number, data, shown }): [number, AssignmentTarget | string] => {
      const fitting = principalOf.get(sameNameKey(data.principal)) ?? [];
      const [found] = fitting;
      const role = roleOf.get(sameNameKey(data.role));
      const resource = resourceOf.get(sameNameKey(data.scope));
      if (!resource)
        return [
          number,
          retired(data.scope) ?? `The scope ${data.scope} is not known. Import the resources first.`,
        ];
      // An external id must not decide to whom another principal's address or id leads (rule 12).
      if (fitting.length > 1) return [number, fitsSeveral(data.principal, fitting)];
      if (role === "several")
        return [number, `${data.role} is the name of one role and the id of another. Rename the first.`];
      if (resource === "several") return [number, `The scope ${data.scope} matches more than one resource.`];
      if (!role || (isUuid(sameNameKey(data.role)) && role.id !== sameNameKey(data.role)))
        return [number, `The role ${data.role} is not known. Import the role definitions first.`];
      if (found && data.principalType !== null && found.type !== data.principalType) {
        const type = principalTypes[found.type].toLowerCase();
        return [number, `${data.principal} is a ${type} here, and the file says ${data.principalType}.`];
      }
      if (found?.disabled) return [number, `${isolated(found.displayName)} is disabled.`];
      if (!found && data.principalType !== "ServicePrincipal") {
        return [
          number,
          `The principal ${data.principal} is not known. Import users and groups first.`,
        ] as const;
      }
      // A service principal that this row creates. Its id is a name like others.
      const named = found ? null : externalIdField.safeParse(data.principal);
      if (named?.success === false || (!found && readMailAddress(data.principal).ok))
        return [number, `${data.principal} is not the id of a service principal.`];
      // All rows that create the same service principal create it under one name, the first that was
      // shown.
      const [was] = shown?.about?.principals ?? [];
      const name = sameNameKey(data.principal);
      const making: ImportPrincipal = made.get(name) ?? {
        as: "Member",
        id: null,
        type: "ServicePrincipal",
        displayName: was?.displayName ?? (data.principalName ?? data.principal).slice(0, limits.displayName),
        email: null,
        externalId: was?.externalId ?? data.principal,
      };
      if (!found) made.set(name, making);
      const principal = found ? aboutPrincipal("Member", found) : making;
      const above = new Set(resource.above.map((scope) => scope.toLowerCase()));
      const assignable = role.assignableScopes.some(
        (scope) => scope === "/" || above.has(scope.toLowerCase()),
      );
      const has = found ? held.get(`${found.id} ${role.id} ${resource.id}`) : undefined;
      const { above: _above, ...facts } = resource;
      const stands = found && was?.id === null && madeHere.has(found.id) ? was : principal;
      return [number, { principal, shown: stands, role, resource: facts, assignable, held: has ?? [] }];
    }),
  );
}

/** By name, as names are compared. A name that two principals share is reported as ambiguous. */
function index<Item>(
  items: readonly Item[],
  names: (item: Item) => readonly (string | null)[],
): Map<string, Item | "several"> {
  const found = new Map<string, Item | "several">();
  for (const item of items)
    for (const key of new Set(names(item).map((name) => name && sameNameKey(name)))) {
      if (key) found.set(key, found.has(key) ? "several" : item);
    }
  return found;
}

async function loadHeldAccess(
  transaction: Transaction,
  type: AccessType,
  principals: readonly { id: string }[],
  roles: readonly { id: string }[],
  resources: readonly { id: string }[],
): Promise<Map<string, HeldAccess[]>> {
  const table =
    type === "Active"
      ? Prisma.sql`(SELECT *, assignment_type = 'Activated' AS activated FROM assignments)`
      : Prisma.sql`(SELECT *, false AS activated FROM eligibilities)`;
  const rows = await transaction.$queryRaw<
    (HeldAccess & { principalId: string; roleId: string; resourceId: string })[]
  >`
    SELECT principal_id AS "principalId", role_definition_id AS "roleId", resource_id AS "resourceId", activated,
      starts_at AS "startsAt", ends_at AS "endsAt"
    FROM ${table} AS held
    WHERE principal_id = ANY (${principals.map(({ id }) => id)}::uuid[])
      AND role_definition_id = ANY (${roles.map(({ id }) => id)}::uuid[])
      AND resource_id = ANY (${resources.map(({ id }) => id)}::uuid[])
      AND (ends_at IS NULL OR (ends_at > postern_now() AND ends_at > starts_at))
    ORDER BY starts_at`;
  const found = new Map<string, HeldAccess[]>();
  for (const { principalId, roleId, resourceId, ...access } of rows) {
    const name = `${principalId} ${roleId} ${resourceId}`;
    found.set(name, [...(found.get(name) ?? []), access]);
  }
  return found;
}

/** Those of the principals that this import has created. */
async function madeBy(
  transaction: Transaction,
  importId: string,
  principals: readonly FoundPrincipal[],
): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT target_id AS id FROM audit_events
    WHERE target_id = ANY (${principals.map(({ id }) => id)}::uuid[]) AND kind = 'PrincipalCreated'
      AND outcome = 'Success' AND details ->> 'importId' = ${importId}`;
  return new Set(rows.map(({ id }) => id));
}

/** Creates the unknown service principals; returns their ids by `nameOf`. */
export async function makeServicePrincipals(
  { transaction, caller, importId }: ImportContext,
  principals: readonly AssignmentTarget["principal"][],
): Promise<Map<string, string>> {
  const missing = new Map(principals.filter(({ id }) => id === null).map((each) => [nameOf(each), each]));
  if (missing.size === 0) return new Map();
  const made = await transaction.principal.createManyAndReturn({
    data: [...missing.values()].map(({ displayName, externalId }) => ({
      type: "ServicePrincipal" as const,
      displayName,
      externalId,
    })),
    select: { id: true, displayName: true, externalId: true },
  });
  await recordAuditEvents(
    transaction,
    made.map((principal) => ({
      kind: "PrincipalCreated" as const,
      outcome: "Success" as const,
      caller,
      target: principal,
      details: { importId, type: "ServicePrincipal", externalId: principal.externalId },
    })),
  );
  return new Map(made.map((principal) => [nameOf(principal), principal.id]));
}
