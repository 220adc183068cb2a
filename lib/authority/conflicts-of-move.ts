import type { ResourceFacts } from "@/lib/authority/authority";
import type { MovedAccess, MoveFacts } from "@/lib/authority/move-facts";
import { mostAccessMoved } from "@/lib/domain/resources/move";
import type { Transaction } from "@/lib/platform/database";
import {
  conflictsThatBegin,
  type FoundConflict,
  findRoleConflicts,
  type GivenAccess,
  rulesNaming,
  type StandingAccess,
} from "@/lib/platform/role-conflicts";
import { pathWithin } from "@/lib/platform/sql/path-below";

/** The active access that begins to apply with a move. */
export function givenByMove({ access }: Pick<MoveFacts, "access">): MovedAccess[] {
  return access.filter((each) => each.access === "Active" && each.gained);
}

/** The eligibility that begins to apply by a move, for roles that can write authorisation. */
export function eligibleToGiveAccessByMove({ access }: Pick<MoveFacts, "access">): MovedAccess[] {
  return access.filter((each) => each.access === "Eligible" && each.writesAuthorization && each.gained);
}

/** The access that conflict rules judge when a resource is moved. */
export interface AccessJudged {
  /** Access held above the new place. It is judged as if it were given at the resource. */
  readonly given: readonly GivenAccess[];
  /** Access held at the resource and below that the rules of the new place begin to judge. */
  readonly standing: StandingAccess;
}

/**
 * The access that conflict rules judge when a resource is moved: a move must not create access that
 * could not be granted at the new place. Null if there is too much of it.
 */
export async function accessJudged(
  transaction: Transaction,
  resource: Pick<ResourceFacts, "id">,
  facts: Pick<MoveFacts, "access" | "rules" | "ended">,
): Promise<AccessJudged | null> {
  const given = givenByMove(facts).map(({ principalId, roleDefinitionId, startsAt, endsAt }) => ({
    ...{ principalId, roleDefinitionId, resourceId: resource.id, schedule: { startsAt, endsAt } },
  }));
  const rulesAt = facts.rules.flatMap(({ kind, begins, placeId }) =>
    kind === "ConflictRule" && begins ? [placeId] : [],
  );
  if (rulesAt.length === 0) return { given, standing: { given: [], rulesAt } };
  const rows = await transaction.$queryRaw<(Omit<GivenAccess, "schedule"> & GivenAccess["schedule"])[]>`
    SELECT a.principal_id AS "principalId", a.role_definition_id AS "roleDefinitionId", a.resource_id AS "resourceId",
      a.starts_at AS "startsAt", a.ends_at AS "endsAt"
    FROM resources top JOIN resources r ON ${pathWithin("r.path", "top.path")} JOIN assignments a ON a.resource_id = r.id
    WHERE top.id = ${resource.id}::uuid AND a.id <> ALL (${endedAssignments(facts)}::uuid[])
      AND (a.ends_at IS NULL OR (a.ends_at > postern_now() AND a.ends_at > a.starts_at))
      AND a.role_definition_id IN (SELECT c.role_definition_id FROM conflict_rule_roles c
        JOIN conflict_rules k ON k.id = c.rule_id WHERE k.resource_id = ANY (${rulesAt}::uuid[]))
    ORDER BY a.id LIMIT ${mostAccessMoved + 1}`;
  if (rows.length > mostAccessMoved) return null;
  const stands = rows.map(({ startsAt, endsAt, ...row }) => ({ ...row, schedule: { startsAt, endsAt } }));
  return { given, standing: { given: stands, rulesAt } };
}

function endedAssignments({ ended }: Pick<MoveFacts, "ended">): string[] {
  return ended.flatMap(({ kind, id }) => (kind === "Activation" ? [id] : []));
}

/** The conflicts that a move would cause, with the tree as it would be. Takes no locks: the move itself judges again. */
export async function conflictsOfMove(
  transaction: Transaction,
  resource: ResourceFacts,
  movedPath: string,
  facts: MoveFacts,
  { given, standing }: AccessJudged,
): Promise<FoundConflict[]> {
  const all = [...given, ...standing.given];
  const roles = [...new Set(all.map(({ roleDefinitionId }) => roleDefinitionId))];
  const rules = all.length > 0 ? await rulesNaming(transaction, roles, false) : [];
  if (rules.length === 0) return [];
  const moved = { from: resource.path, to: movedPath, endedIds: endedAssignments(facts) };
  const found = await findRoleConflicts(transaction, rules, all, [], null, moved);
  return conflictsThatBegin(transaction, found, given.length, standing);
}
