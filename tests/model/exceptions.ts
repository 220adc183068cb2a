// Exceptions from conflict rules (docs/rules.md, section 6): who asks, who decides, and what they allow.
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { type EndOfException, endConflictException } from "@/lib/operations/roles/end-conflict-exception";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { may, reaches } from "./rules";
import { done, type Exception, failed, named, refused, type State } from "./state";
import { asOutcome } from "./world";

const open = ({ state, until }: Exception, now: number) =>
  (state === "Waiting" || state === "Approved") && until > now;

/** The people an exception names, through groups whose memberships existed before the decision. */
function names(state: State, each: Exception, user: string): boolean {
  const reached = new Set([user]);
  for (const who of reached)
    for (const { group, member, since } of state.members)
      if (member === who && since < each.decided && state.principals[group]?.enabled) reached.add(group);
  return reached.has(each.who) && user !== each.asker && user !== each.decider;
}

/** Whether an exception from a rule allows somebody to hold both until a moment. */
export function allowed(state: State, rule: string, user: string, together: number): boolean {
  return state.exceptions.some(
    (each) =>
      each.rule === rule &&
      each.state === "Approved" &&
      open(each, state.now) &&
      together <= each.until &&
      names(state, each, user),
  );
}

/** Ends exceptions together with another change, if they are stored as open. */
export function revokeAll(state: State, which: (each: Exception) => boolean): void {
  for (const each of state.exceptions)
    if ((each.state === "Waiting" || each.state === "Approved") && which(each)) each.state = "Revoked";
}

const administrators = ["olga", "una", "max", "olga", "una", "pete"] as const;

/** Asks for an exception or, if there are any, mostly decides on one or ends it. */
export function exception(state: State, choice: Choice): Action | null {
  const actor = choice.of(administrators);
  const waiting = state.exceptions.filter((each) => each.state === "Waiting" && open(each, state.now));
  const chosen = waiting.length > 0 && !choice.once(4) ? choice.of(waiting) : choice.of(state.exceptions);
  if (chosen && !choice.once(3)) {
    const how = choice.of(
      chosen.state === "Waiting"
        ? (["Approve", "Approve", "Approve", "Deny", "Withdraw", "Revoke"] as const)
        : (["Revoke", "Revoke", "Approve", "Withdraw"] as const),
    );
    return how === "Approve" ? approving(chosen, actor) : ending(chosen, actor, how);
  }
  const rule = choice.of(state.conflicts);
  return rule ? asking(state, choice, rule, actor) : null;
}

function asking(state: State, choice: Choice, rule: State["conflicts"][number], actor: string): Action {
  const who = choice.of(["mia", "eve", "outer", "inner", "una", "mia"] as const);
  const until = state.now + choice.of([1, 3, 24 * 5] as const) * 3_600_000;
  return {
    words: `${actor} asks for an exception for ${who} from ${rule.id} until ${new Date(until).toISOString()}`,
    actor,
    operation: null,
    locks: [],
    apply(after) {
      const there = after.conflicts.some(({ id }) => id === rule.id);
      if (!there || !may(after, actor, "editSettings", rule.at)) return forbidden;
      if (reaches(after, actor, who)) return refused("OwnRequest");
      if (!after.principals[who]?.enabled || until <= after.now) return refused("InvalidInput");
      const waits = (each: Exception) =>
        each.rule === rule.id && each.who === who && each.state === "Waiting" && open(each, after.now);
      if (after.exceptions.some(waits)) return refused("Conflict");
      after.exceptions.push({
        ...{ id: named(after, "x"), rule: rule.id, who, asker: actor, until },
        ...{ decider: null, decided: 0, state: "Waiting" },
      });
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await requestConflictException(world.database, caller, {
          ruleId: world.id(rule.id),
          principalId: world.id(who),
          endsAt: new Date(until),
          justification: "Month end",
        }),
      ),
  };
}

/** The exception in its present state, and whether the actor may edit settings at its rule. */
function opened(after: State, { id }: Exception, actor: string): Exception | null {
  const each = after.exceptions.find((other) => other.id === id);
  const rule = after.conflicts.find((other) => other.id === each?.rule);
  return each && rule && may(after, actor, "editSettings", rule.at) ? each : null;
}

const own = (after: State, each: Exception, actor: string) =>
  each.asker === actor || reaches(after, actor, each.who);

function approving(chosen: Exception, actor: string): Action {
  const operation: Operation = (id) => approveConflictExceptionOperation({ exceptionId: id(chosen.id) });
  return {
    words: `${actor} approves the exception ${chosen.id} for ${chosen.who}`,
    actor,
    operation,
    near: (id) => approveConflictExceptionOperation({ exceptionId: id("mia") }),
    locks: [],
    apply(after, proof) {
      const each = opened(after, chosen, actor);
      const rule = after.conflicts.find(({ id }) => id === each?.rule);
      if (!each || !rule) return forbidden;
      if (own(after, each, actor)) return refused("OwnRequest");
      if (each.state !== "Waiting" || !open(each, after.now)) return refused("Conflict");
      if (!may(after, each.asker, "editSettings", rule.at)) return refused("Conflict");
      if (!spend(after, proof, actor, operation)) return failed(["MfaRule"]);
      revokeAll(
        after,
        (other) =>
          other !== each && other.rule === each.rule && other.who === each.who && other.state === "Approved",
      );
      Object.assign(each, { state: "Approved", decider: actor, decided: after.now });
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await approveConflictException(world.database, caller, {
          ...{ exceptionId: world.id(chosen.id), justification: "Seen", proofId },
        }),
      ),
  };
}

const ends = {
  Deny: { from: "Waiting", to: "Denied" },
  Withdraw: { from: "Waiting", to: "Withdrawn" },
  Revoke: { from: "Approved", to: "Revoked" },
} as const;

function ending(chosen: Exception, actor: string, how: EndOfException): Action {
  const { from, to } = ends[how];
  return {
    words: `${actor} says ${how} to the exception ${chosen.id} for ${chosen.who}`,
    actor,
    operation: null,
    locks: [],
    apply(after) {
      const each = opened(after, chosen, actor);
      if (!each) return forbidden;
      if (how === "Deny" && own(after, each, actor)) return refused("OwnRequest");
      if (how === "Withdraw" && each.asker !== actor) return forbidden;
      if (each.state !== from || !open(each, after.now)) return refused("Conflict");
      each.state = to;
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await endConflictException(world.database, caller, {
          ...{ exceptionId: world.id(chosen.id), how, justification: "Over" },
        }),
      ),
  };
}
