import { may, pathsAllowing } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { defaultSettingsOf, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Reader } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identitiesOf, identityColumn } from "@/lib/platform/principal-identity";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import { everyWord } from "@/lib/queries/name-rank";
import { atOrBelow } from "@/lib/queries/resources/paths";
import { listRoles, type RolesFilter } from "@/lib/queries/roles/role-list";

const size = 500;

/** Which role settings are exported: those of the page, and with `below` also what was edited below it. */
export interface ExportedSettingsFilter extends Pick<RolesFilter, "search" | "used"> {
  readonly below: boolean;
}

/** The settings of one role at one level. */
export interface ExportedSettings {
  readonly place: "here" | "above" | "below";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly roleType: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  /** Whether somebody edited them there. Otherwise they are the built-in default. */
  readonly edited: boolean;
  readonly updatedAt: Date | null;
  readonly updatedBy: PrincipalIdentity | null;
  readonly settings: RoleSettings;
  /** Everyone whom the approval names. */
  readonly approvers: readonly PrincipalIdentity[];
}

type Level = Omit<ExportedSettings, "settings" | "edited" | "approvers"> & {
  readonly version: number | null;
  readonly writesAuthorization: boolean;
} & PolicyColumns;

/**
 * A batch of the role settings of a resource: role by role as its page lists them, each followed by the edited levels
 * above that the caller may read. Then, if requested, everything that was edited below. Null if the caller may not
 * read role settings there. `after` is the `next` of the previous batch, or empty.
 */
export async function settingsToExport(
  database: Database,
  caller: Reader,
  resourceId: string,
  filter: ExportedSettingsFilter,
  after: string,
): Promise<{ readonly rows: ExportedSettings[]; readonly next: string | null } | null> {
  const place = belowPlace(after);
  const listed = place ? null : await listRoles(database, resourceId, { ...filter, after });
  return readOnce(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readRoleSettings, resourceId))) return null;
    if (listed) {
      const paths = await pathsAllowing(transaction, caller.userId, action.readRoleSettings);
      const ids = listed.rows.map(({ id }) => id);
      const rows = await described(transaction, await levelsOf(transaction, ids, resourceId, paths));
      return { rows, next: listed.next ?? (filter.below ? firstBelow : null) };
    }
    const found = await levelsBelow(transaction, resourceId, filter, place ?? nowhere);
    const last = found.length > size ? found[size - 1] : undefined;
    const next = last ? `below ${last.resourceId} ${last.roleDefinitionId}` : null;
    return { rows: await described(transaction, found.slice(0, size)), next };
  });
}

interface BelowPlace {
  readonly resourceId: string;
  readonly roleDefinitionId: string;
}

const noId = "00000000-0000-0000-0000-000000000000";
const nowhere: BelowPlace = { resourceId: noId, roleDefinitionId: noId };
const firstBelow = `below ${noId} ${noId}`;

/** Where a batch of what lies below begins. Null for a batch of the page's roles. */
function belowPlace(after: string): BelowPlace | null {
  const [word, resourceId = "", roleDefinitionId = ""] = after.split(" ");
  return word === "below" && isUuid(resourceId) && isUuid(roleDefinitionId)
    ? { resourceId, roleDefinitionId }
    : null;
}

const levelColumns = Prisma.sql`d.id AS "roleDefinitionId", d.role_name AS "roleName",
  d.role_type::text AS "roleType", d.writes_authorization AS "writesAuthorization", r.id AS "resourceId",
  r.display_name AS "resourceName", r.scope, m.version, m.updated_at AS "updatedAt",
  CASE WHEN u.id IS NOT NULL THEN ${identityColumn("u")} END AS "updatedBy", ${policyColumns}`;

function levelsOf(
  transaction: Transaction,
  roleIds: readonly string[],
  resourceId: string,
  readable: readonly string[],
): Promise<Level[]> {
  return transaction.$queryRaw<Level[]>`
    SELECT CASE WHEN r.id = here.id THEN 'here' ELSE 'above' END AS place, ${levelColumns}
    FROM unnest(${[...roleIds]}::uuid[]) WITH ORDINALITY AS listed (id, number)
    JOIN role_definitions d ON d.id = listed.id
    JOIN resources here ON here.id = ${resourceId}::uuid
    JOIN resources r ON r.id = ANY (path_ids(here.path))
    LEFT JOIN role_management_policies m ON m.resource_id = r.id AND m.role_definition_id = d.id
    LEFT JOIN principals u ON u.id = m.updated_by_id
    WHERE r.id = here.id OR (m.version > 0 AND ${atOrBelow(readable)})
    ORDER BY listed.number, length(r.path) DESC`;
}

/** What was edited below a resource, in the order of the index of edited settings. */
function levelsBelow(
  transaction: Transaction,
  resourceId: string,
  { search }: ExportedSettingsFilter,
  after: BelowPlace,
): Promise<Level[]> {
  return transaction.$queryRaw<Level[]>`
    SELECT 'below' AS place, ${levelColumns}
    FROM resources here
    CROSS JOIN role_management_policies m
    JOIN resources r ON r.id = m.resource_id AND ${pathBelow("r.path", "here.path")}
    JOIN role_definitions d ON d.id = m.role_definition_id AND d.deleted_at IS NULL
      AND ${everyWord(Prisma.sql`d.role_name`, search)}
    LEFT JOIN principals u ON u.id = m.updated_by_id
    WHERE here.id = ${resourceId}::uuid AND m.version > 0
      AND (m.resource_id, m.role_definition_id) > (${after.resourceId}::uuid, ${after.roleDefinitionId}::uuid)
    ORDER BY m.resource_id, m.role_definition_id LIMIT ${size + 1}`;
}

async function described(transaction: Transaction, levels: readonly Level[]): Promise<ExportedSettings[]> {
  const rows = levels.map((level) => ({
    level,
    settings: level.version === null ? defaultSettingsOf(level) : settingsOfPolicy(level),
  }));
  const named = await identitiesOf(transaction, [
    ...new Set(rows.flatMap((row) => approverIds(row.settings))),
  ]);
  const byId = new Map(named.map((each) => [each.id, each]));
  return rows.map(({ level, settings }) => ({
    place: level.place,
    roleDefinitionId: level.roleDefinitionId,
    roleName: level.roleName,
    roleType: level.roleType,
    resourceId: level.resourceId,
    resourceName: level.resourceName,
    scope: level.scope,
    edited: (level.version ?? 0) > 0,
    updatedAt: level.updatedAt,
    updatedBy: level.updatedBy,
    settings,
    approvers: approverIds(settings).flatMap((id) => byId.get(id) ?? []),
  }));
}

function approverIds({ approvalStages }: RoleSettings): string[] {
  return [
    ...new Set(approvalStages.flatMap((stage) => [...stage.approverIds, ...stage.escalationApproverIds])),
  ];
}
