import { privilegesOfEachUntilCommit } from "@/lib/authority/rights-until-commit";
import { outlastingHolders, reachOf } from "@/lib/authority/step-up-reasons";
import {
  beyondAuthority,
  distinctPrivileges,
  type HeldPrivilege,
  isJudgedBySettings,
  type Privilege,
  permissionsToGrant,
} from "@/lib/domain/gate/privileges";
import { type GrantRequirements, grantRequirements } from "@/lib/operations/gate/grant-access";
import { lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import { permissionsOver } from "@/lib/operations/gate/require-authority";
import type { ImportContext } from "@/lib/operations/imports/importer";
import { checksOf } from "@/lib/platform/recheck";

/**
 * What membership of a group grants, why the administrator has no authority over it, and what granting it requires.
 */
export interface GroupGrants {
  readonly access: readonly Privilege[];
  readonly refused: string | null;
  readonly takes: GrantRequirements;
  /** The administrator with every group above them, including groups that earlier rows add them to. */
  readonly own: Set<string>;
  /**
   * Whether some of it, eligible access too, outlasts the administrator's own authority. This matters
   * for what they grant themselves.
   */
  readonly outlastsToOneself: boolean;
}

/**
 * Finds what membership of groups grants, by the group and those above it. Locks all their settings at
 * once, in the same order whatever the order of the rows.
 */
export async function grantsOfGroups(
  context: ImportContext,
  groupIds: readonly string[],
): Promise<(above: ReadonlySet<string>) => GroupGrants> {
  const { transaction, caller } = context;
  const privileges = await privilegesOfEachUntilCommit(transaction, groupIds);
  const held = await permissionsOver(transaction, caller, privileges);
  const policies = await lockDirectPolicies(transaction, privileges.filter(isJudgedBySettings));
  const privilegesOf = new Map<string, HeldPrivilege[]>();
  for (const each of privileges)
    privilegesOf.set(each.holderId, [...(privilegesOf.get(each.holderId) ?? []), each]);
  const own = await reachOf(transaction, [caller.userId]);
  const outlasting = await outlastingHolders(transaction, caller, groupIds, "Active");
  const outlastingAny = await outlastingHolders(transaction, caller, groupIds, "Any");
  checksOf(transaction).repeat.push(async () => {
    const reach = await reachOf(transaction, [caller.userId]);
    const lasting = await outlastingHolders(transaction, caller, groupIds, "Any");
    return [...reach].every((id) => own.has(id)) && [...lasting].every((id) => outlastingAny.has(id));
  });
  const found = new Map<string, GroupGrants>();
  return (above) => {
    const key = [...above].sort().join(" ");
    const known = found.get(key);
    if (known) return known;
    const access = distinctPrivileges<Privilege>([...above].flatMap((id) => privilegesOf.get(id) ?? []));
    for (const each of access)
      for (const action of permissionsToGrant(each)) context.takes({ resourceId: each.resourceId, action });
    const refused = beyondAuthority(access, held)?.message ?? null;
    const bySettings = grantRequirements(access, policies.of);
    const lasting = [...above].some((id) => outlasting.has(id));
    const takes = {
      ...bySettings,
      stepUp: [...bySettings.stepUp, ...(lasting ? (["OutlastsAuthority"] as const) : [])],
    };
    const outlastsToOneself = [...above].some((id) => outlastingAny.has(id));
    const belonging = { access, refused, takes, own, outlastsToOneself };
    found.set(key, belonging);
    return belonging;
  };
}
