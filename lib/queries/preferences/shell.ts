import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { action, administers, anyAllows } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { hasOwnFactorOf } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { type HeldSummary, heldSummary } from "@/lib/queries/activation/held-roles";
import { type UnreadState, unreadState } from "@/lib/queries/notifications/notifications";
import { activeOf, type MayWait, mayWaitColumns } from "@/lib/queries/requests/waiting-for-me";

/** Which accepted second factors somebody has in force. */
export interface OwnFactors {
  readonly app: boolean;
  /** Whether authenticator apps are accepted at all. */
  readonly appsAccepted: boolean;
  readonly passkeys: boolean;
  /** The issuers of the identity providers to which they have a link that counts now. */
  readonly issuers: readonly string[];
  /** Until when codes are refused after too many wrong ones; null if they are not. */
  readonly lockedUntil: Date | null;
}

export interface Shell {
  readonly unread: UnreadState;
  /** The roles that the caller activated and holds now. */
  readonly held: HeldSummary | null;
  /** The permissions at the root that items of the pane depend on: over people, and over the worker. */
  readonly rights: {
    readonly read: boolean;
    readonly write: boolean;
    readonly worker: boolean;
    /** Whether they may read access anywhere. */
    readonly access: boolean;
  };
  /** The database's clock, from which the browser counts. */
  readonly now: Date;
  /** The second factors of the caller. */
  readonly factors: OwnFactors;
  /** Whether single keys are shortcuts for the caller. */
  readonly shortcuts: boolean;
  /** Whether anything may wait for their decision. */
  readonly mayWait: MayWait;
}

interface Row extends Omit<OwnFactors, "app">, MayWait {
  readonly permissions: readonly StoredPermissions[];
  readonly unread: UnreadState;
  readonly held: HeldSummary | null;
  readonly shortcuts: boolean;
  readonly now: Date;
  readonly authenticator: boolean;
  readonly readsAccess: boolean;
}

/** What the frame around every page shows. It is one statement, since every page waits for it. */
export async function readShell(database: Database, caller: Pick<Caller, "userId">): Promise<Shell> {
  const person = Prisma.sql`${caller.userId}::uuid`;
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<Row[]>`
      WITH ${activeOf(caller.userId)}
      SELECT ${planOnce}
        array(
          SELECT d.permissions FROM resources root JOIN mine a ON a.resource_id = root.id
          JOIN role_definitions d ON d.id = a.role_definition_id WHERE lower(root.scope) = '/') AS permissions,
        EXISTS (SELECT FROM mine a JOIN role_definitions d ON d.id = a.role_definition_id
          WHERE permissions_allow(d.permissions, ${action.readAssignments})) AS "readsAccess",
        ${unreadState(caller.userId)} AS unread,
        ${heldSummary(Prisma.sql`mine`)} AS held,
        coalesce((SELECT shortcuts FROM keyboard_preferences WHERE user_id = ${caller.userId}::uuid), true) AS shortcuts,
        ${hasOwnFactorOf(person, "App")} AS authenticator, ${hasOwnFactorOf(person, "Passkey")} AS passkeys,
        (SELECT authenticator_apps_confirm FROM sign_in_rules) AS "appsAccepted",
        array(SELECT issuer FROM identity_links WHERE principal_id = ${person} AND link_counts(id)) AS issuers,
        (SELECT max(f.locked_until) FROM totp_factors f WHERE f.user_id = ${person} AND f.removed_at IS NULL
          AND f.confirmed_at IS NOT NULL AND f.locked_until > postern_now()) AS "lockedUntil",
        ${mayWaitColumns()},
        postern_now() AS now`,
  );
  if (!row) throw new Error("the frame was not read");
  const { resourceIds, approvals, reached, named, open, assigning, emergencies, exceptions } = row;
  const permissions = row.permissions.flatMap(permissionsOf);
  return {
    mayWait: { resourceIds, approvals, reached, named, open, assigning, emergencies, exceptions },
    unread: row.unread,
    held: row.held,
    rights: {
      read: anyAllows(permissions, action.readPrincipals),
      write: anyAllows(permissions, action.writePrincipals),
      worker: administers(permissions),
      access: row.readsAccess,
    },
    shortcuts: row.shortcuts,
    factors: {
      app: row.authenticator,
      appsAccepted: row.appsAccepted,
      passkeys: row.passkeys,
      issuers: row.issuers,
      lockedUntil: row.lockedUntil,
    },
    now: row.now,
  };
}
