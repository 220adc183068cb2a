import { may, rootResource } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { NamedApprover } from "@/lib/domain/people/named-approver";
import type { PrincipalType } from "@/lib/domain/people/principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { type Action, action, anyAllows } from "@/lib/domain/roles/permissions";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { openSession } from "@/lib/platform/sql/open-session";
import { readOnce } from "@/lib/platform/transaction";
import { type WaitingReset, waitingReset } from "@/lib/queries/people/factor-reset";
import { approverRights } from "@/lib/queries/people/named-approver";
import { peopleRights } from "@/lib/queries/people/people";
import { rankedPrincipals } from "@/lib/queries/people/ranked-principals";

const listLimit = 100;

export interface Neighbour {
  readonly identity: PrincipalIdentity;
  readonly disabledAt: Date | null;
}

export interface PersonRole {
  readonly id: string;
  readonly state: "Eligible" | "Assigned" | "Activated";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** The group that it comes from; null if it is the principal's own. */
  readonly group: PrincipalIdentity | null;
  /** Whether the caller may open the role's members there. */
  readonly readable: boolean;
}

export interface Person {
  readonly id: string;
  readonly displayName: string;
  readonly type: PrincipalType;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly identity: PrincipalIdentity;
  readonly disabledAt: Date | null;
  readonly manager: PrincipalIdentity | null;
  /** The directory that owns it, and the address that the directory sent and that was refused. */
  readonly directory: {
    readonly name: string;
    readonly asksAddress: string | null;
    /** Whether the caller may take it out of the directory. */
    readonly mayTakeOut: boolean;
  } | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly authenticatorSince: Date | null;
  /** Whether authenticator apps count at all. */
  readonly appsAccepted: boolean;
  /** How many passkeys they have. */
  readonly passkeys: number;
  readonly signIn: "Password" | "OneTimePassword" | "Invitation" | "None";
  /** Until when their one-time pass for a factor is valid; null without one. */
  readonly passUntil: Date | null;
  /** From when their first factor counts; null if it counts already. */
  readonly factorFrom: Date | null;
  /** The waiting reset of their factors. */
  readonly reset: WaitingReset | null;
  readonly openSessions: number;
  readonly lastSeenAt: Date | null;
  readonly groups: readonly Neighbour[];
  readonly members: readonly Neighbour[];
  readonly roles: readonly PersonRole[];
  readonly approverRights: readonly NamedApprover[];
  readonly mayWrite: boolean;
  readonly own: boolean;
}

/**
 * One principal with its groups and members, its roles now and later (its own and its groups'), and the role settings
 * that name it as approver, as far as the caller may read them. People may always read their own roles. At most a
 * hundred of each. Null if it is unknown, or if the caller may not read people and it is not themselves.
 */
export function viewPerson(database: Database, caller: Caller, id: string): Promise<Person | null> {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const rights = await peopleRights(transaction, caller);
    const own = id.toLowerCase() === caller.userId;
    if (!rights.read && !own) return null;
    const [person] = await transaction.$queryRaw<
      Omit<Person, "reset" | "groups" | "members" | "roles" | "approverRights" | "mayWrite" | "own">[]
    >`
      SELECT p.id, p.type::text, p.display_name AS "displayName", p.email, p.external_id AS "externalId", p.version,
        ${identityColumn("p")} AS identity, CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS manager,
        p.created_at AS "createdAt", p.disabled_at AS "disabledAt",
        (SELECT json_build_object('name', o.name, 'asksAddress', (
            SELECT split_part(f.subject, ' ', 2) FROM directory_drift f
            WHERE f.directory_id = o.id AND f.kind = 'Address' AND f.principal_id = p.id
            ORDER BY f.last_at DESC LIMIT 1))
          FROM directories o WHERE o.id = p.directory_id AND o.ended_at IS NULL) AS directory,
        (SELECT f.confirmed_at FROM totp_factors f
          WHERE f.user_id = p.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL) AS "authenticatorSince",
        (SELECT authenticator_apps_confirm FROM sign_in_rules) AS "appsAccepted",
        (SELECT count(*)::int FROM passkeys k WHERE k.user_id = p.id AND k.removed_at IS NULL) AS passkeys,
        CASE
          WHEN EXISTS (SELECT FROM password_tickets t WHERE t.user_id = p.id AND t.purpose = 'Invitation'
            AND t.used_at IS NULL AND t.replaced_at IS NULL AND t.expires_at > postern_now()) THEN 'Invitation'
          WHEN c.user_id IS NULL OR c.expires_at <= postern_now() THEN 'None'
          WHEN c.must_change THEN 'OneTimePassword' ELSE 'Password' END AS "signIn",
        (SELECT t.expires_at FROM factor_passes t WHERE t.user_id = p.id AND t.used_at IS NULL
          AND t.replaced_at IS NULL AND t.expires_at > postern_now()) AS "passUntil",
        (SELECT max(f.counts_from) FROM factors_in_force f
          WHERE f.user_id = p.id AND f.counts_from > postern_now()) AS "factorFrom",
        (SELECT count(*)::int FROM sessions s WHERE s.user_id = p.id AND ${openSession}) AS "openSessions",
        (SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = p.id AND NOT s.awaits_factor) AS "lastSeenAt"
      FROM principals p
      LEFT JOIN password_credentials c ON c.user_id = p.id
      LEFT JOIN principals b ON b.id = p.manager_id
      WHERE p.id = ${id}::uuid`;
    if (!person) return null;
    const groups = await neighbours(transaction, Prisma.sql`m.member_id = ${id}::uuid AND p.id = m.group_id`);
    const members = await neighbours(
      transaction,
      Prisma.sql`m.group_id = ${id}::uuid AND p.id = m.member_id`,
    );
    const where = await readableResources(transaction, caller);
    const readable = where(action.readAssignments);
    const shown = own ? Prisma.sql`TRUE` : readable;
    const mayTakeOut =
      person.directory !== null &&
      rights.write &&
      (await may(transaction, caller.userId, action.writeRoleSettings, (await rootResource(transaction)).id));
    return {
      ...person,
      reset: await waitingReset(transaction, person.id),
      directory: person.directory && { ...person.directory, mayTakeOut },
      groups,
      members,
      roles: await roles(transaction, id, shown, readable),
      approverRights: await approverRights(transaction, id, where(action.readRoleSettings)),
      mayWrite: rights.write,
      own,
    };
  });
}

function neighbours(transaction: Transaction, joined: Prisma.Sql): Promise<Neighbour[]> {
  return transaction.$queryRaw<Neighbour[]>`
    SELECT ${identityColumn("p")} AS identity, p.disabled_at AS "disabledAt"
    FROM group_members m JOIN principals p ON ${joined}
    ORDER BY lower(p.display_name), p.id LIMIT ${listLimit}`;
}

/** Where the caller may do something now, as a condition on the resource `r`. */
async function readableResources(
  transaction: Transaction,
  caller: Caller,
): Promise<(wanted: Action) => Prisma.Sql> {
  const held = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT DISTINCT a.resource_id AS id, d.permissions
    FROM active_assignments(${caller.userId}::uuid, postern_now()) a
    JOIN role_definitions d ON d.id = a.role_definition_id`;
  return (wanted) => {
    const places = held
      .filter(({ permissions }) => anyAllows(permissionsOf(permissions), wanted))
      .map(({ id }) => id);
    return Prisma.sql`path_ids(r.path) && ${places}::uuid[]`;
  };
}

function roles(
  transaction: Transaction,
  id: string,
  shown: Prisma.Sql,
  readable: Prisma.Sql,
): Promise<PersonRole[]> {
  return transaction.$queryRaw<PersonRole[]>`
    WITH above AS MATERIALIZED (SELECT principals_and_groups_above(${[id]}::uuid[]) AS id)
    SELECT x.id, x.state, d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId",
      r.display_name AS "resourceName", r.scope, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
      CASE WHEN x.principal_id <> ${id}::uuid THEN ${identityColumn("g")} END AS "group", ${readable} AS readable
    FROM (
      SELECT id, 'Eligible' AS state, principal_id, role_definition_id, resource_id, starts_at, ends_at
      FROM eligibilities
      UNION ALL
      SELECT id, assignment_type::text, principal_id, role_definition_id, resource_id, starts_at, ends_at
      FROM assignments
    ) x
    JOIN principals g ON g.id = x.principal_id
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE x.principal_id IN (SELECT id FROM above) AND ${shown}
      AND (x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at))
    ORDER BY lower(d.role_name), lower(r.display_name), x.id LIMIT ${listLimit}`;
}

/** Users, groups and service principals by name or email that could join a group. At most twenty, the best match first. */
export function searchMembers(
  database: Database,
  caller: Caller,
  groupId: string,
  search: string,
): Promise<PrincipalIdentity[]> {
  return readOnce(database, async (transaction) => {
    const rights = await peopleRights(transaction, caller);
    if (!rights.write) return [];
    const couldJoin = Prisma.sql`p.id <> ${groupId}::uuid
      AND NOT EXISTS (SELECT FROM group_members m WHERE m.group_id = ${groupId}::uuid AND m.member_id = p.id)`;
    return rankedPrincipals(transaction, search, couldJoin);
  });
}
