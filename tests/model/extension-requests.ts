// A member's request to extend or renew, and the decision on it (docs/rules.md, sections 5 and 7, "Times and durations").
import { approveExtensionOperation, decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { type Action, type Choice, date, forbidden, type Operation, spend } from "./action";
import { administrators, assignmentTypeOf, end, endFor, lockOf } from "./assignment";
import { badSchedule, type ExtensionOrRenewal, extendOrRenewAccess } from "./extend-or-renew";
import {
  assignmentRules,
  assignmentSettings,
  badTimes,
  find,
  inEffect,
  may,
  ofActivation,
  permissionFor,
  reach,
  waits,
} from "./rules";
import {
  type Access,
  always,
  day,
  done,
  failed,
  type Outcome,
  type Request,
  record,
  refused,
  type State,
} from "./state";
import { asOutcome } from "./world";

/** The request that a member may make for an access now. */
function offer(state: State, row: Access): "Extend" | "Renew" | null {
  if (row.until === always || row.removed || row.kind === "Activated") return null;
  if (inEffect(row, state.now)) return row.until - 14 * day <= state.now ? "Extend" : null;
  const passed = row.until > row.from && row.until <= state.now;
  return passed && state.now < row.until + 30 * day ? "Renew" : null;
}

/** A member asks to extend or renew. */
export function ask(state: State, choice: Choice): Action | null {
  const offered = state.access.filter((each) => offer(state, each) !== null);
  const row = choice.of(choice.once(6) || offered.length === 0 ? state.access : offered);
  if (!row) return null;
  const verb = choice.once(8) ? "Extend" : (offer(state, row) ?? "Renew");
  const users = Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");
  const able = users.filter((name) => reach(state, name).has(row.who));
  const actor = choice.of(choice.once(8) || able.length === 0 ? users : able) ?? "mia";
  const settings = assignmentSettings(state, row.role, row.at);
  const days = row.kind === "Eligible" ? settings.eligibleDays : settings.activeDays;
  const proposed = endFor(choice, state.now, days);
  const until = proposed === always ? state.now + 400 * day : proposed;
  const reason = !choice.once(6);
  return {
    words: `${actor} asks to ${verb} ${row.kind} ${row.id} of ${row.who} (${row.role} at ${row.at}) to ${date(until)?.toISOString()}`,
    actor,
    operation: null,
    locks: [{ table: "role_management_policies", name: row.role, at: row.at }, lockOf(row)],
    apply(after) {
      const now = find(after, row.id);
      if (!now || !reach(after, actor).has(now.who)) return forbidden;
      if (offer(after, now) !== verb) return refused("RoleAssignmentDoesNotExist");
      const proposals = after.requests.filter((each) => waits(each) && each.about === now.id);
      if (proposals.some((each) => !ofActivation(each))) return refused("RoleAssignmentRequestExists");
      const again = after.access.some(
        (other) =>
          other.id !== now.id &&
          other.kind === now.kind &&
          other.who === now.who &&
          other.role === now.role &&
          other.at === now.at &&
          !other.removed &&
          other.until > after.now,
      );
      if (verb === "Renew" && again) return refused("RoleAssignmentExists");
      if (badTimes(after, after.now, until) || (verb === "Extend" && until <= now.until)) return badSchedule;
      const counting = {
        ...assignmentSettings(after, now.role, now.at),
        assignMfa: false,
        assignReason: false,
      };
      const judged = { kind: now.kind, from: after.now, until, reason, takesProof: false, proved: false };
      const rules = [...assignmentRules(counting, judged), ...(reason ? [] : ["JustificationRule"])];
      if (rules.length > 0) return failed(rules);
      const { who, role, at } = now;
      const about = { asker: actor, who, role, at, about: now.id, end: until };
      record(after, { type: `Self${verb}`, status: "PendingApproval", ...about });
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await (verb === "Extend" ? requestExtension : requestRenewal)(world.database, caller, {
          assignmentType: assignmentTypeOf(row),
          id: world.id(row.id),
          endsAt: new Date(until),
          justification: reason ? "Still on call" : null,
        }),
      ),
  };
}

/** An administrator decides on a request to extend or renew. */
export function decideExtensionRequest(state: State, choice: Choice): Action | null {
  const proposals = state.requests.filter(
    (each) => (each.type === "SelfExtend" || each.type === "SelfRenew") && each.extends === null,
  );
  const open = proposals.filter(waits);
  const request = choice.of(choice.once(6) || open.length === 0 ? proposals : open);
  const row = request && find(state, request.about);
  if (!request || !row || row.kind === "Activated") return null;
  const actor = choice.of([...administrators, request.asker]);
  const deny = choice.once(5);
  const other = row.kind === "Eligible" ? ("Assigned" as const) : ("Eligible" as const);
  const kind = choice.once(3) ? other : row.kind;
  const settings = assignmentSettings(state, row.role, row.at);
  const start = choice.of([null, null, null, state.now + 2 * day]) ?? null;
  const asked = choice.once(2) ? request.end : null;
  const until =
    asked ?? endFor(choice, state.now, kind === "Eligible" ? settings.eligibleDays : settings.activeDays);
  const reason = !choice.once(6);
  const times = { startsAt: date(start), endsAt: date(end(until)) };
  const operation: Operation = (id) => approveExtensionOperation({ requestId: id(request.id), ...times });
  return {
    words: `${actor} decides ${request.type} ${request.id} of ${request.asker}: ${deny ? "no" : `${kind} from ${date(start)?.toISOString() ?? "now"} to ${until === always ? "ever" : date(until)?.toISOString()}`}${reason ? "" : " without a reason"}`,
    actor,
    operation: deny ? null : operation,
    near: (id) =>
      approveExtensionOperation({ requestId: id(request.id), ...times, startsAt: new Date(state.now) }),
    locks: [
      { table: "role_management_policies", name: row.role, at: row.at },
      lockOf(row),
      { table: "requests", name: request.id },
    ],
    apply(after, proof) {
      const now = after.requests.find((each) => each.id === request.id);
      const held = find(after, request.about);
      if (!now || !held || held.kind === "Activated") return forbidden;
      const kinds = deny ? [held.kind] : [held.kind, kind];
      if (kinds.some((each) => !may(after, actor, permissionFor(each), now.at))) return forbidden;
      if (now.asker === actor || reach(after, actor).has(now.who)) return refused("OwnRequest");
      if (!waits(now)) return refused("RequestNotPending");
      if (deny) {
        if (!reason) return failed(["JustificationRule"]);
        now.status = "Denied";
        return done;
      }
      return approveExtension(
        after,
        actor,
        now,
        held,
        { kind, start, until, reason, reasonAlways: true },
        () => spend(after, proof, actor, operation),
      );
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await decideExtension(world.database, caller, {
          requestId: world.id(request.id),
          decision: deny
            ? { decision: "Deny" }
            : { decision: "Approve", assignmentType: kind === "Eligible" ? "Eligible" : "Active", ...times },
          justification: reason ? "Agreed" : null,
          proofId,
        }),
      ),
  };
}

function approveExtension(
  state: State,
  by: string,
  now: Request,
  held: Access,
  proposal: ExtensionOrRenewal,
  prove: () => boolean,
): Outcome {
  if (held.removed) return refused("RoleAssignmentDoesNotExist");
  const given = extendOrRenewAccess(state, by, held, proposal, prove);
  if ("no" in given) return given.no;
  now.status = given.row.from > state.now ? "ScheduleCreated" : "Provisioned";
  Object.assign(now, { made: given.row.id, start: given.row.from, proved: given.proved });
  return done;
}
