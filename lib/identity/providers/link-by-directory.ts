import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { type Privilege, privilegeNames } from "@/lib/domain/gate/privileges";
import { type DirectoryPerson, obstaclesToLink } from "@/lib/domain/people/link-by-directory";
import {
  addLink,
  linkedPerson,
  type Person,
  type ProviderArrival,
  Refused,
  recordLink,
} from "@/lib/identity/providers/stored-links";
import { lockPerson, type Origin } from "@/lib/identity/sessions/sessions";
import type { Transaction } from "@/lib/platform/database";
import { log } from "@/lib/platform/log";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/**
 * Links somebody who signs in for the first time. The provider's directory must have created them with
 * this external id, nothing of that may have changed since, and they must not be somebody whom a thief
 * of the directory's token would target (docs/decisions/link-by-directory.md). Null if the directory
 * knows nobody by this external id. Somebody who is known but may not be linked gets the same refusal
 * as an unknown person, and the log has the reasons.
 */
export async function linkByDirectory(
  transaction: Transaction,
  arrival: ProviderArrival,
  origin: Origin,
): Promise<(Person & { readonly linkId: string }) | null> {
  const { provider, person } = arrival;
  if (provider.linkByDirectory === undefined || person.externalId === null) return null;
  const directory = await directoryOf(transaction, provider.linkByDirectory);
  if (!directory) {
    log().warn(`The identity provider ${provider.id} links by a directory that is not there.`);
    return null;
  }
  const [known] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM principals WHERE name_key(external_id) = ANY (${nameKeys([person.externalId])})
      AND external_id = ${person.externalId} AND directory_id = ${directory.id}::uuid AND type = 'User'`;
  if (!known) return null;
  await lockPerson(transaction, known.id);
  // Two simultaneous sign-ins: the other one has linked them by now.
  const meanwhile = await linkedPerson(transaction, arrival);
  if (meanwhile) return meanwhile;
  const [facts] = await transaction.$queryRaw<Facts[]>`
    SELECT p.id, p.display_name AS "displayName",
      p.external_id = ${person.externalId} AND p.directory_id = ${directory.id}::uuid AS same,
      coalesce(p.directory_subject = ${person.externalId}, false) AS "asMade",
      p.disabled_at IS NOT NULL AS disabled,
      EXISTS (SELECT FROM identity_links WHERE principal_id = p.id) AS linked,
      EXISTS (SELECT FROM password_credentials WHERE user_id = p.id)
        OR EXISTS (SELECT FROM password_tickets WHERE user_id = p.id AND used_at IS NULL AND replaced_at IS NULL
          AND expires_at > postern_now()) AS password,
      EXISTS (SELECT FROM totp_factors WHERE user_id = p.id) OR EXISTS (SELECT FROM passkeys WHERE user_id = p.id) AS factor,
      EXISTS (SELECT FROM sessions WHERE user_id = p.id) AS "cameBefore"
    FROM principals p WHERE p.id = ${known.id}::uuid`;
  if (!facts?.same) return null;
  const access = await privilegesUntilCommit(transaction, [facts.id]);
  const beyond = [
    ...access.filter(({ assignmentType }) => assignmentType !== "Eligible"),
    ...(await withoutMfa(transaction, access)),
  ];
  const breakGlass = await isBreakGlassAccount(transaction, facts.id);
  const because = obstaclesToLink({ ...facts, breakGlass, privileged: beyond.length > 0 });
  const target = { id: facts.id, displayName: facts.displayName };
  if (because.length > 0)
    throw new Refused("Unknown", { directory: directory.name, because, target, has: privilegeNames(beyond) });
  const linkId = await addLink(transaction, arrival, facts.id, { directoryId: directory.id });
  if (linkId === null) throw new Refused("LinkedElsewhere");
  await recordLink(transaction, arrival, { ...target, linkId }, origin, {
    ...{ directoryId: directory.id, directoryName: directory.name, rule: "ExternalIdOfDirectory" },
    ...{ externalId: person.externalId, claim: provider.claims.externalId },
    has: privilegeNames(access),
  });
  return { ...target, linkId };
}

interface Facts extends Person, Omit<DirectoryPerson, "breakGlass" | "privileged"> {
  /** Checks with the lock held that they are still who they were found to be. */
  readonly same: boolean;
}

/** The directory of this id or name; null if there is none. */
async function directoryOf(
  transaction: Transaction,
  named: string,
): Promise<{ id: string; name: string } | null> {
  const [directory] = await transaction.$queryRaw<{ id: string; name: string }[]>`
    SELECT id, name FROM directories WHERE ended_at IS NULL AND (id::text = ${named.toLowerCase()} OR name = ${named})
    ORDER BY id::text = ${named.toLowerCase()} DESC LIMIT 1`;
  return directory ?? null;
}

/**
 * Those of the roles that their holder could activate without a second factor, by the present settings
 * of their own resources.
 */
async function withoutMfa(
  transaction: Transaction,
  access: readonly Privilege[],
): Promise<readonly Privilege[]> {
  const eligible = access.flatMap((each) => (each.assignmentType === "Eligible" ? [each] : []));
  if (eligible.length === 0) return [];
  const rows = await transaction.$queryRaw<{ key: string }[]>`
    SELECT p.resource_id || ' ' || p.role_definition_id AS key
    FROM unnest(${eligible.map((each) => each.resourceId)}::uuid[],
      ${eligible.map((each) => each.roleDefinitionId)}::uuid[]) AS pair (resource_id, role_id)
    JOIN role_management_policies p ON p.resource_id = pair.resource_id AND p.role_definition_id = pair.role_id
    WHERE NOT p.activation_requires_mfa`;
  const keys = new Set(rows.map(({ key }) => key));
  return eligible.filter((each) => keys.has(`${each.resourceId} ${each.roleDefinitionId}`));
}
