import { createHash } from "node:crypto";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { awaitsFirstOwner } from "@/lib/platform/sql/set-up-open";
import { inTransaction } from "@/lib/platform/transaction";

/** How far a set-up is, for somebody who has its address. */
export type SetUpProgress =
  /** The address is not that of a set-up, or no longer. `open`: another address is. */
  | { readonly step: "None"; readonly open: boolean }
  | { readonly step: "Organisation" | "Owner"; readonly about: SetUpAbout }
  /** The first Owner has a password, and no factor yet. */
  | { readonly step: "Factor"; readonly email: string };

/** What is known in a set-up so far. */
export interface SetUpAbout {
  readonly organisation: string;
  readonly timeZone: string;
  /** The first Owner, if an unattended set-up created them. Only a password is missing. */
  readonly owner: { readonly displayName: string; readonly email: string } | null;
}

/** The digest by which the token of a set-up address is stored. */
export const digestOf = (token: string) => new Uint8Array(createHash("sha256").update(token).digest());

/**
 * A condition on `installation`: there is no first Owner yet, or only one without a password, from an
 * unattended set-up.
 */
export const isOpen = Prisma.sql`setup_token_hashes <> '{}' AND ${Prisma.raw(awaitsFirstOwner)}`;

/** How far the set-up is whose address has this token. */
export function readSetUp(database: Database, token: string): Promise<SetUpProgress> {
  return inTransaction(database, async (transaction): Promise<SetUpProgress> => {
    const digest = digestOf(token);
    const [found] = await transaction.$queryRaw<
      {
        open: boolean;
        mine: boolean;
        named: boolean;
        timeZone: string;
        organisation: string;
        ownerName: string | null;
        ownerEmail: string | null;
        awaited: string | null;
      }[]
    >`
      SELECT ${isOpen} AS open, ${digest} = ANY (setup_token_hashes) AS mine,
        organisation_named_at IS NOT NULL AS named, time_zone AS "timeZone",
        root.display_name AS organisation, o.display_name AS "ownerName", o.email AS "ownerEmail",
        (SELECT p.email FROM factor_passes f JOIN principals p ON p.id = f.user_id WHERE ${openPass(digest)}) AS awaited
      FROM installation JOIN resources root ON lower(root.scope) = '/' LEFT JOIN principals o ON o.id = setup_owner_id`;
    if (!found) throw new Error("there is no installation");
    if (found.awaited !== null) return { step: "Factor", email: found.awaited };
    if (!found.open || !found.mine) return { step: "None", open: found.open };
    const { organisation, timeZone, ownerName, ownerEmail } = found;
    const owner =
      ownerName === null || ownerEmail === null ? null : { displayName: ownerName, email: ownerEmail };
    return { step: found.named ? "Owner" : "Organisation", about: { organisation, timeZone, owner } };
  });
}

/**
 * A condition on a pass `f` of `p`: it is this set-up address, and the Owner has not set up a factor
 * with it yet.
 */
export const openPass = (digest: Uint8Array) => Prisma.sql`f.pass_hash = ${digest} AND f.made_by_id IS NULL
  AND f.used_at IS NULL AND f.replaced_at IS NULL AND f.expires_at > postern_now() AND p.disabled_at IS NULL
  AND NOT EXISTS (SELECT FROM totp_factors t WHERE t.user_id = p.id AND t.confirmed_at IS NOT NULL AND t.removed_at IS NULL)`;
