// Disabling, enabling and membership (docs/rules.md, sections 1, 5, 8 and 11).
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { lastOwner } from "./assignment";
import { conflictsSince } from "./conflicts";
import { endUnreached } from "./consequences";
import { revokeAll } from "./exceptions";
import { above, assignmentSettings, find, may, ofActivation, permissionFor, waits } from "./rules";
import { done, failed, type Outcome, type Permission, refused, type State } from "./state";
import { givesAccess, outlasts } from "./step-up";
import { asOutcome } from "./world";

/** One privilege of somebody: the permission to grant it, where it counts, and of which role. */
export interface Privilege {
  readonly takes: Permission;
  readonly role: string;
  readonly at: string;
  readonly kind: "Eligible" | "Assigned" | "Decision";
}

/** All access of a principal and of every group above it, now or later, and all their decision rights (section 8). */
export function privilegesOf(state: State, who: string): Privilege[] {
  const holders = above(state, who);
  const held = state.access
    .filter((each) => each.kind !== "Activated" && holders.has(each.who))
    .filter((each) => each.until > state.now && each.until > each.from)
    .map(({ role, at, kind }): Privilege => {
      const how = kind === "Eligible" ? ("Eligible" as const) : ("Assigned" as const);
      return { takes: permissionFor(kind), role, at, kind: how };
    });
  // If a request to extend or renew is approved, the members at that time have the access.
  const requested = state.requests
    .filter((each) => waits(each) && !ofActivation(each) && holders.has(each.who))
    .map(({ role, at, about }): Privilege => {
      const eligible = find(state, about)?.kind === "Eligible";
      const takes = permissionFor(eligible ? "Eligible" : "Assigned");
      return { takes, role, at, kind: eligible ? "Eligible" : "Assigned" };
    });
  const decisionRights: Privilege[] = [];
  const addDecisionRight = (
    role: string,
    at: string,
    stages: { approvers: string[]; escalation: string[] }[],
  ) => {
    const names = stages.flatMap((stage) => [...stage.approvers, ...stage.escalation]);
    if (names.some((name) => holders.has(name)))
      decisionRights.push({ takes: "editSettings", role, at, kind: "Decision" });
  };
  for (const [key, settings] of Object.entries(state.settings)) {
    const [role = "", at = ""] = key.split(" ");
    if (settings.approval) addDecisionRight(role, at, settings.stages);
  }
  for (const request of state.requests)
    if (waits(request) && request.approval)
      addDecisionRight(request.role, request.at, request.approval.stages);
  return [...held, ...requested, ...decisionRights];
}

const beyond = (state: State, who: string, privileges: readonly Privilege[]) =>
  privileges.some(({ takes, at }) => !may(state, who, takes, at));

/** Why existing privileges may not be given to another person; null if they may. */
function giving(
  state: State,
  privileges: readonly Privilege[],
  given: { by: string; from: string; to: string; reason: boolean; prove: () => boolean },
): Outcome | null {
  const settings = privileges
    .filter(({ kind }) => kind === "Assigned")
    .map(({ role, at }) => assignmentSettings(state, role, at));
  const { by, from, to } = given;
  const holders = above(state, from);
  const outlasting = state.access.some(
    (each) =>
      each.kind === "Assigned" &&
      holders.has(each.who) &&
      each.until > state.now &&
      each.until > each.from &&
      outlasts(state, by, each),
  );
  const always = privileges.length > 0 && (above(state, by).has(to) || outlasting);
  const takesProof =
    always ||
    settings.some((each) => each.assignMfa) ||
    privileges.some(
      ({ kind, role }) => kind === "Decision" || (kind === "Eligible" && givesAccess(state, role)),
    );
  const proved = takesProof && given.prove();
  const rules = [
    ...(settings.some((each) => each.assignReason) && !given.reason ? ["JustificationRule"] : []),
    ...(takesProof && !proved ? ["MfaRule"] : []),
  ];
  return rules.length > 0 ? failed(rules) : null;
}

const managers = ["olga", "olga", "olga", "pete", "una", "eve"] as const;
const groupsOf = (state: State) =>
  Object.keys(state.principals).filter((name) => state.principals[name]?.type === "Group");
const lock = (name: string) => ({ table: "principals", name }) as const;

export function join(state: State, choice: Choice): Action | null {
  const actor = choice.of(managers);
  const group = choice.of(groupsOf(state)) ?? "inner";
  const member = choice.of(choice.once(4) ? groupsOf(state) : ["mia", "max", "eve", "ann", "bob"]) ?? "mia";
  const reason = !choice.once(5);
  const like =
    (who: string): Operation =>
    (id) =>
      addGroupMembersOperation({ groupId: id(group), memberIds: [id(who)] });
  return {
    words: `${actor} adds ${member} to ${group}${reason ? "" : " without a reason"}`,
    actor,
    operation: like(member),
    near: like(member === "eve" ? "max" : "eve"),
    locks: [lock(group)],
    apply(after, proof) {
      if (!may(after, actor, "managePeople", "root")) return forbidden;
      if (!after.principals[member]?.enabled) return refused("InvalidInput");
      if (above(after, group).has(member)) return refused("MembershipCycle");
      if (after.members.some((each) => each.group === group && each.member === member))
        return refused("Conflict");
      const privileges = privilegesOf(after, group);
      if (beyond(after, actor, privileges)) return forbidden;
      const joined = structuredClone(after);
      joined.members.push({ group, member, since: after.now });
      if (conflictsSince(joined, member, group)) return refused("RoleAssignmentConflict");
      const prove = () => spend(after, proof, actor, like(member));
      const no = giving(after, privileges, { by: actor, from: group, to: member, reason, prove });
      if (no) return no;
      after.members.push({ group, member, since: after.now });
      after.deeds.push({ by: actor, at: after.now, principal: group });
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await addGroupMembers(world.database, caller, {
          groupId: world.id(group),
          memberIds: [world.id(member)],
          justification: reason ? "Joins the team" : null,
          proofId,
        }),
      ),
  };
}

export function leave(state: State, choice: Choice): Action | null {
  const actor = choice.of(managers);
  const pair = choice.of(state.members);
  return pair ? leaving(pair, actor) : null;
}

/** Removes somebody from a group. */
export function leaving(
  { group, member }: Pick<State["members"][number], "group" | "member">,
  actor: string,
): Action {
  return {
    words: `${actor} takes ${member} out of ${group}`,
    actor,
    operation: null,
    locks: [lock(member)],
    apply(after) {
      const index = after.members.findIndex((each) => each.group === group && each.member === member);
      if (!may(after, actor, "managePeople", "root") || index < 0) return forbidden;
      if (beyond(after, actor, privilegesOf(after, group))) return forbidden;
      after.members.splice(index, 1);
      after.deeds.push({ by: actor, at: after.now, principal: group, takes: true });
      endUnreached(after, member);
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await removeGroupMember(world.database, caller, {
          groupId: world.id(group),
          memberId: world.id(member),
          justification: null,
        }),
      ),
  };
}

/** Disables enabled people and enables disabled ones; now and then the other way around. */
export function ableOrNot(state: State, choice: Choice): Action | null {
  const actor = choice.of(managers);
  const off = Object.keys(state.principals).filter((name) => !state.principals[name]?.enabled);
  const some = ["mia", "max", "ann", "inner", "outer", "una", "approvers", "olga", "eve"] as const;
  const who = (off.length > 0 && !choice.once(3) ? choice.of(off) : choice.of(some)) ?? "mia";
  const enable = state.principals[who]?.enabled === choice.once(10);
  return turning(who, enable, actor, !choice.once(5));
}

/** Enables or disables somebody. */
export function turning(who: string, enable: boolean, actor: string, reason: boolean): Action {
  const operation: Operation = (id) => ({ kind: "EnablePrincipal", principalId: id(who) });
  return {
    words: `${actor} ${enable ? "enables" : "disables"} ${who}`,
    actor,
    operation: enable ? operation : null,
    near: (id) => ({ kind: "EnablePrincipal", principalId: id(who === "mia" ? "max" : "mia") }),
    locks: [lock(who)],
    apply(after, proof) {
      const principal = after.principals[who];
      if (!principal || !may(after, actor, "managePeople", "root")) return forbidden;
      if ((!enable && who === actor) || principal.enabled === enable) return refused("Conflict");
      const privileges = privilegesOf(after, who);
      if (beyond(after, actor, privileges)) return forbidden;
      if (enable) {
        const enabled = structuredClone(after);
        Object.assign(enabled.principals[who] ?? {}, { enabled: true });
        if (conflictsSince(enabled, who, who)) return refused("RoleAssignmentConflict");
        const prove = () => spend(after, proof, actor, operation);
        const no = giving(after, privileges, { by: actor, from: who, to: who, reason, prove });
        if (no) return no;
      } else if (after.access.some((each) => each.who === who && lastOwner(after, each)))
        return refused("LastOwner");
      principal.enabled = enable;
      principal.session += 1;
      after.deeds.push({ by: actor, at: after.now, principal: who, takes: !enable });
      if (!enable) {
        endUnreached(after, who);
        revokeAll(after, (each) => each.who === who);
      }
      return done;
    },
    call: async (world, caller, proofId) => {
      const input = { principalId: world.id(who), justification: reason ? "On leave" : null };
      return asOutcome(
        await (enable
          ? enablePrincipal(world.database, caller, { ...input, proofId })
          : disablePrincipal(world.database, caller, input)),
      );
    },
  };
}
