// Conflicting roles (docs/rules.md, section 6): rules, and what they refuse.
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { allowed } from "./exceptions";
import { contains, may, overlap, reach } from "./rules";
import { type Access, done, failed, named, refused, type State } from "./state";
import { asOutcome } from "./world";

type Row = Pick<Access, "who" | "role" | "at" | "from" | "until">;

const onOnePath = (state: State, one: string, other: string) =>
  contains(state, one, other) || contains(state, other, one);

/** Whether a rule forbids a person to hold both, and no exception allows it. */
function forbids(state: State, user: string, one: Row, other: Row): boolean {
  return state.conflicts.some(
    ({ id, first, second, at }) =>
      !allowed(state, id, user, Math.min(one.until, other.until)) &&
      [`${one.role} ${other.role}`, `${other.role} ${one.role}`].includes(`${first} ${second}`) &&
      onOnePath(state, one.at, at) &&
      onOnePath(state, other.at, at) &&
      onOnePath(state, one.at, other.at) &&
      overlap(one, other),
  );
}

/** The roles that somebody holds, or will hold, who reaches these principals. */
const heldBy = (state: State, reached: ReadonlySet<string>) =>
  state.access.filter(
    (each) =>
      each.kind !== "Eligible" && each.until > state.now && each.until > each.from && reached.has(each.who),
  );

const users = (state: State) =>
  Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");

/** Whether new active access would make somebody hold conflicting roles, not counting some of the rows. */
export function conflicts(
  state: State,
  rows: readonly Row[],
  but: (other: Access) => boolean = () => false,
): boolean {
  return users(state).some((user) => {
    const reached = reach(state, user);
    const given = rows.filter(({ who }) => reached.has(who));
    const held = [...heldBy(state, reached).filter((each) => !but(each)), ...given];
    return given.some((row) => held.some((other) => forbids(state, user, row, other)));
  });
}

/** Whether somebody who is now in a group, or enabled, got a role through it that conflicts with their others. */
export function conflictsSince(after: State, member: string, through: string): boolean {
  const fresh = heldBy(after, reach(after, through));
  return users(after).some((user) => {
    const reached = reach(after, user);
    if (!reached.has(member)) return false;
    return fresh.some((row) => heldBy(after, reached).some((other) => forbids(after, user, row, other)));
  });
}

/** The time that a change adds at either end. */
export function addedTime(before: Access, after: Row): Row[] {
  const early = { ...after, until: Math.min(before.from, after.until) };
  const late = { ...after, from: Math.max(before.until, after.from) };
  return [early, late].filter(({ from, until }) => from < until);
}

/** Makes a rule, or mostly removes one if there are any. */
export function conflictRule(state: State, choice: Choice): Action {
  const actor = choice.of(["olga", "olga", "una", "max", "pete"] as const);
  const rule = choice.of(state.conflicts);
  if (rule && !choice.once(3)) return removing(rule, actor);
  const at = choice.of(["production", "web", "root", "app"] as const);
  const [first, second] = ["Reader", "Operator"];
  return {
    words: `${actor} makes ${first} conflict with ${second} at ${at}`,
    actor,
    operation: null,
    locks: [],
    apply(after) {
      if (!may(after, actor, "editSettings", at)) return forbidden;
      if (after.conflicts.some((each) => each.at === at)) return refused("InvalidInput");
      after.conflicts.push({ id: named(after, "k"), at, first, second });
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await createConflictRule(world.database, caller, {
          resourceId: world.id(at),
          rule: {
            name: `${first} and ${second}`,
            reason: "Two pairs of eyes",
            firstRoleIds: [world.id(first)],
            secondRoleIds: [world.id(second)],
          },
        }),
      ),
  };
}

function removing(rule: State["conflicts"][number], actor: string): Action {
  const input = (id: (name: string) => string, expectedVersion = 1) => ({
    ruleId: id(rule.id),
    expectedVersion,
    justification: null,
  });
  const operation: Operation = (id) => removeConflictRuleOperation(input(id));
  return {
    words: `${actor} removes the rule ${rule.id} at ${rule.at}`,
    actor,
    operation,
    near: (id) => removeConflictRuleOperation(input(id, 2)),
    locks: [],
    apply(after, proof) {
      const index = after.conflicts.findIndex(({ id }) => id === rule.id);
      if (index < 0 || !may(after, actor, "editSettings", rule.at)) return forbidden;
      if (!spend(after, proof, actor, operation)) return failed(["MfaRule"]);
      after.conflicts.splice(index, 1);
      after.exceptions = after.exceptions.filter((each) => each.rule !== rule.id);
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(await removeConflictRule(world.database, caller, { ...input(world.id), proofId })),
  };
}
