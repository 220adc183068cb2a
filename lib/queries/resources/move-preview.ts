import type { AlertFinding } from "@/lib/authority/alerts/alert-finding";
import { permissionsAtEach, type ResourceFacts, visibleResource } from "@/lib/authority/authority";
import { accessJudged, conflictsOfMove } from "@/lib/authority/conflicts-of-move";
import { exceptionsToAsk } from "@/lib/authority/exception-authority";
import { type JudgedMove, judgeMove, tooMuchToJudge } from "@/lib/authority/judge-move";
import type { Weakening } from "@/lib/authority/settings-of-move";
import type { AlertKind } from "@/lib/domain/alerts/alerts";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { ExceptionToAsk } from "@/lib/domain/roles/conflict-exception";
import { conflictSentences, joinedConflicts, type RoleConflict } from "@/lib/domain/roles/conflict-rule";
import { type Action, action, anyAllows } from "@/lib/domain/roles/permissions";
import { type ChangedRow, changedRows } from "@/lib/domain/roles/role-setting-rows";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

/** How many rows of each list of a preview are shown. */
export const mostShown = 100;

/** An alert that a move would open, named as lists of alerts name it. */
export interface OpeningAlert {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly roleName: string | null;
  readonly principal: PrincipalIdentity | null;
  readonly details: AlertFinding["details"];
}

/** A role whose settings weaken, and which of them do. */
export interface WeakerRole {
  readonly roleName: string;
  /** Null where the caller may not read the settings at both places. */
  readonly changes: readonly ChangedRow[] | null;
}

export interface MovePreview extends JudgedMove {
  readonly to: ResourceFacts;
  /** Each conflict that prevents the move, as a sentence, and the rules from which the caller may request exceptions. */
  readonly conflicts: readonly string[];
  readonly exceptions: readonly ExceptionToAsk[];
  /** The first alerts that would open; null where the caller may not read alerts at the resource. */
  readonly alerts: readonly OpeningAlert[] | null;
  /** The first roles whose settings weaken. */
  readonly weakerRoles: readonly WeakerRole[];
  /** The principals of the rows that are shown, by id. */
  readonly people: ReadonlyMap<string, PrincipalIdentity>;
}

/**
 * What moving a resource below another one would change, as the move itself judges it. If it would be
 * refused, why. Null for what the caller may not know of.
 */
export function previewMove(
  database: Database,
  caller: Caller,
  resourceId: string,
  toId: string,
): Promise<MovePreview | OperationError | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    const to = await visibleResource(transaction, caller.userId, toId);
    if (!resource || !to || resource.parentId === null) return null;
    const permissionsAt = (ids: readonly string[]) => permissionsAtEach(transaction, caller.userId, ids);
    const ends = await permissionsAt([resource.parentId, to.id]);
    const scope = [resource.parentId, to.id].find(
      (id) => !anyAllows(ends.get(id) ?? [], action.writeResources),
    );
    if (scope !== undefined) {
      const where = scope === to.id ? to.scope : "the resource above";
      return {
        code: "AuthorizationFailed",
        message: `You do not have authorization to perform ${action.writeResources} over ${where}.`,
      };
    }
    const judged = await judgeMove(transaction, resource, to, permissionsAt);
    if ("code" in judged) return judged;
    const { access, ended, alerts } = judged.facts;
    const coming = await accessJudged(transaction, resource, judged.facts);
    if (coming === null) return tooMuchToJudge;
    const found = await conflictsOfMove(transaction, resource, judged.facts.movedPath, judged.facts, coming);
    const personal = [...coming.given, ...coming.standing.given].map(({ principalId }) => principalId);
    const opening = alerts.opening.slice(0, mostShown);
    const shown = [
      ...access.filter(({ gained }) => gained).slice(0, mostShown),
      ...access.filter(({ gained }) => !gained).slice(0, mostShown),
      ...ended.slice(0, mostShown),
    ].map(({ principalId }) => principalId);
    const ofAlerts = opening.flatMap(({ principalId }) => principalId ?? []);
    const identities = await identitiesOf(transaction, [...new Set([...shown, ...ofAlerts])]);
    const people = new Map(identities.map((each) => [each.id, each]));
    const held = await permissionsAt([resource.id, resource.parentId, to.id]);
    const mayAt = (id: string, what: Action) => anyAllows(held.get(id) ?? [], what);
    const mayReadSettings = [resource.parentId, to.id].every((id) => mayAt(id, action.readRoleSettings));
    return {
      ...{ ...judged, to, people },
      conflicts: conflictSentences(eachPairOnce(found), { caller: caller.userId, personal }),
      exceptions: await exceptionsToAsk(transaction, caller.userId, found, personal, permissionsAt),
      alerts: mayAt(resource.id, action.readAlerts) ? await named(transaction, opening, people) : null,
      weakerRoles: judged.facts.weakerSettings.slice(0, mostShown).map((each) => ({
        roleName: each.roleName,
        changes: mayReadSettings ? each.weakenings.flatMap(weakerRows) : null,
      })),
    };
  });
}

/** Two roles of one person conflict once, whichever of them the move brings, and however much access is involved. */
function eachPairOnce(conflicts: readonly RoleConflict[]): RoleConflict[] {
  const keyOf = ({ ruleId, personId, roleName, heldRoleName }: RoleConflict) =>
    JSON.stringify([ruleId, personId, ...[roleName, heldRoleName].sort()]);
  return [...new Map(conflicts.toReversed().map((each) => [keyOf(each), each])).values()].reverse();
}

/**
 * What weakens, line by line. For approvals it only says that they are easier, since the approvers may
 * be people whom the caller does not know of.
 */
function weakerRows({ before, after, weakened }: Weakening): ChangedRow[] {
  const rows = changedRows(before, after, weakened, () => "").filter(
    ({ weakens, name }) => weakens && name !== "approvalStages" && name !== "notifications",
  );
  const rowsOf = (name: "approvalStages" | "notifications", label: string, becomes: string) =>
    weakened.includes(name) ? [{ name, label, before: null, after: becomes, weakens: true }] : [];
  return [
    ...rows,
    ...rowsOf("approvalStages", "Approvals", "easier to get"),
    ...rowsOf("notifications", "Notifications", "to fewer people"),
  ];
}

async function named(
  transaction: Transaction,
  findings: readonly AlertFinding[],
  people: ReadonlyMap<string, PrincipalIdentity>,
): Promise<OpeningAlert[]> {
  const [places, roles] = [
    await transaction.resource.findMany({
      where: { id: { in: [...new Set(findings.map(({ resourceId }) => resourceId))] } },
      select: { id: true, displayName: true },
      take: mostShown,
    }),
    await transaction.roleDefinition.findMany({
      where: { id: { in: [...new Set(findings.flatMap(({ roleDefinitionId }) => roleDefinitionId ?? []))] } },
      select: { id: true, roleName: true },
      take: mostShown,
    }),
  ];
  const placeOf = new Map(places.map(({ id, displayName }) => [id, displayName]));
  const roleOf = new Map(roles.map(({ id, roleName }) => [id, roleName]));
  return findings.map(({ kind, subject, resourceId, roleDefinitionId, principalId, details }) => ({
    ...{ kind, subject, resourceId, details, resourceName: placeOf.get(resourceId) ?? "" },
    roleName: roleOf.get(roleDefinitionId ?? "") ?? null,
    principal: people.get(principalId ?? "") ?? null,
  }));
}

/** Why a move that was shown would be refused by now. Null if it would not be. */
export async function moveRefused(
  database: Database,
  caller: Caller,
  asked: { readonly resourceId: string; readonly toId: string; readonly preview: string },
): Promise<OperationError | null> {
  const preview = await previewMove(database, caller, asked.resourceId, asked.toId);
  if (preview === null)
    return { code: "NotFound", message: "This does not exist, or you have no access to it." };
  if ("code" in preview) return preview;
  const { conflicts, exceptions } = preview;
  if (conflicts.length > 0)
    return { code: "RoleAssignmentConflict", message: joinedConflicts(conflicts), exceptions };
  if (preview.facts.preview === asked.preview) return null;
  const message =
    "What this move does has changed since it was shown. Reload the page to see it as it is now.";
  return { code: "StaleEdit", message };
}
