import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";

/** What Postern stores about the reader, and who controls it. */
export interface OwnProfile {
  readonly identity: PrincipalIdentity;
  readonly email: string;
  readonly createdAt: Date;
  readonly manager: PrincipalIdentity | null;
  /** The directory that controls name and address. */
  readonly directory: string | null;
  /**
   * The zone of the times in their mail: the one they chose, otherwise the one their browser last
   * named, otherwise the organisation's.
   */
  readonly mailZone: string;
  readonly password: boolean;
  readonly passkeys: number;
  /** The issuers of the identity providers through which they sign in. */
  readonly issuers: readonly string[];
  readonly groups: readonly PrincipalIdentity[];
  readonly now: Date;
}

/** The caller's own profile, with at most a hundred groups that they are in directly. */
export async function ownProfile(database: Database, caller: Caller): Promise<OwnProfile> {
  const [row] = await database.client.$queryRaw<OwnProfile[]>`
    SELECT ${identityColumn("p")} AS identity, p.email, postern_now() AS now, p.created_at AS "createdAt",
      CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS manager,
      (SELECT d.name FROM directories d WHERE d.id = p.directory_id AND d.ended_at IS NULL) AS directory,
      coalesce((SELECT coalesce(n.chosen_time_zone, n.time_zone) FROM notification_preferences n WHERE n.user_id = p.id),
        (SELECT i.time_zone FROM installation i)) AS "mailZone",
      EXISTS (SELECT FROM password_credentials c WHERE c.user_id = p.id AND NOT c.must_change) AS password,
      (SELECT count(*)::int FROM passkeys k WHERE k.user_id = p.id AND k.removed_at IS NULL) AS passkeys,
      array(SELECT l.issuer FROM identity_links l WHERE l.principal_id = p.id ORDER BY l.created_at LIMIT 10) AS issuers,
      (SELECT coalesce(json_agg(g.identity ORDER BY g.name, g.id), '[]') FROM (
        SELECT ${identityColumn("g")} AS identity, lower(g.display_name) AS name, g.id
        FROM group_members m JOIN principals g ON g.id = m.group_id
        WHERE m.member_id = p.id ORDER BY lower(g.display_name), g.id LIMIT 100) g) AS groups
    FROM principals p LEFT JOIN principals b ON b.id = p.manager_id
    WHERE p.id = ${caller.userId}::uuid`;
  if (!row) throw new Error("the caller is not known");
  return row;
}
