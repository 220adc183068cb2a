import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { type Action, type Choice, date, forbidden, type Operation, spend } from "./action";
import { administrators, assignmentTypeOf, end, endFor, lockOf } from "./assignment";
import { addedTime, conflicts } from "./conflicts";
import { cancelExtensionRequests, cancelScheduled, cutActivations } from "./consequences";
import {
  alreadyThere,
  assignmentRules,
  assignmentSettings,
  badTimes,
  find,
  may,
  permissionFor,
} from "./rules";
import {
  type Access,
  always,
  day,
  done,
  failed,
  minute,
  named,
  type Outcome,
  record,
  refused,
  type State,
} from "./state";
import { takesProof } from "./step-up";
import { asOutcome } from "./world";

export const badSchedule = refused("InvalidRoleAssignmentRequestSchedule");

export interface ExtensionOrRenewal {
  readonly kind: "Eligible" | "Assigned";
  readonly start: number | null;
  readonly until: number;
  readonly reason: boolean;
  /** A decision always requires a reason, whatever the settings are. */
  readonly reasonAlways: boolean;
}

/** Extends or renews access, in a new row if it has ended or changes its type. Returns the refusal, or the new row. */
export function extendOrRenewAccess(
  state: State,
  by: string,
  row: Access,
  proposal: ExtensionOrRenewal,
  prove: () => boolean,
): { readonly no: Outcome } | { readonly row: Access; readonly proved: boolean } {
  const { now } = state;
  const ended = row.until <= now;
  const turned = row.kind !== proposal.kind;
  const own = ended || turned;
  if (row.until === always || (!own && proposal.start !== null)) return { no: badSchedule };
  const from = own ? Math.max(proposal.start ?? now, now) : row.from;
  const later = { ...row, kind: proposal.kind, from, until: proposal.until };
  if (badTimes(state, from, proposal.until) || (!own && proposal.until <= row.until))
    return { no: badSchedule };
  const itself = (other: Access) => other.id === row.id || other.basis === row.id;
  if (alreadyThere(state, later, itself)) return { no: refused("RoleAssignmentExists") };
  const added = row.kind === "Eligible" ? [later] : addedTime(row, later);
  if (later.kind !== "Eligible" && conflicts(state, added, itself))
    return { no: refused("RoleAssignmentConflict") };
  const settings = assignmentSettings(state, row.role, row.at);
  const takes = takesProof(state, by, settings, later);
  const proved = takes && prove();
  const judged = { ...later, from: Math.max(from, now), reason: proposal.reason, takesProof: takes, proved };
  const rules = [
    ...assignmentRules(settings, judged),
    ...(proposal.reasonAlways && !proposal.reason ? ["JustificationRule"] : []),
  ];
  if (rules.length > 0) return { no: failed(rules) };
  if (!own) {
    row.until = proposal.until;
    return { row, proved };
  }
  if (turned && !ended && row.until > from) {
    const last = Math.max(from, row.from);
    if (last <= row.from) cancelScheduled(state, row.id);
    row.until = last;
    row.removed = true;
    if (row.kind === "Eligible") cutActivations(state, row.id, last);
  }
  const made = {
    ...later,
    id: named(state, proposal.kind === "Eligible" ? "e" : "a"),
    basis: null,
    removed: false,
  };
  state.access.push(made);
  return { row: made, proved };
}

/** An administrator's own extension or renewal. */
export function extendOrRenew(state: State, choice: Choice): Action | null {
  const renew = choice.once(2);
  const rows = state.access.filter((each) => each.kind !== "Activated" && each.until <= state.now === renew);
  const row = choice.of(choice.once(8) || rows.length === 0 ? state.access : rows);
  if (!row) return null;
  const actor = choice.of(administrators);
  const settings = assignmentSettings(state, row.role, row.at);
  const until = endFor(
    choice,
    state.now,
    row.kind === "Eligible" ? settings.eligibleDays : settings.activeDays,
  );
  const start = renew ? (choice.of([null, state.now + 2 * day]) ?? null) : null;
  const reason = !choice.once(6);
  const stale = !renew && choice.once(8);
  const shown = stale ? row.from : row.until;
  const input = (id: (name: string) => string, last = until) => ({
    assignmentType: assignmentTypeOf(row),
    id: id(row.id),
    expectedEnd: date(end(shown)),
    startsAt: date(start),
    endsAt: date(end(last)),
  });
  const like =
    (last: number): Operation =>
    (id) =>
      renew ? renewAssignmentOperation(input(id, last)) : extendAssignmentOperation(input(id, last));
  return {
    words: `${actor} ${renew ? "renews" : "extends"} ${row.kind} ${row.id} of ${row.who} (${row.role} at ${row.at}) to ${until === always ? "ever" : date(until)?.toISOString()}${stale ? ", stale" : ""}`,
    actor,
    operation: like(until),
    near: like(until === always ? state.now + day : until + minute),
    locks: [{ table: "role_management_policies", name: row.role, at: row.at }, lockOf(row)],
    apply(after, proof) {
      const now = find(after, row.id);
      if (!now || !may(after, actor, permissionFor(now.kind), now.at) || now.kind === "Activated")
        return forbidden;
      if (!after.principals[now.who]?.enabled) return forbidden;
      if (now.removed || now.until <= after.now !== renew) return refused("RoleAssignmentDoesNotExist");
      if (!renew && now.until !== shown) return refused("StaleAssignment");
      const proposal = { kind: now.kind, start, until, reason, reasonAlways: false };
      const given = extendOrRenewAccess(after, actor, now, proposal, () =>
        spend(after, proof, actor, like(until)),
      );
      if ("no" in given) return given.no;
      cancelExtensionRequests(after, now.id);
      const { who, role, at } = now;
      record(after, {
        type: renew ? "AdminRenew" : "AdminExtend",
        status: given.row.from > after.now ? "ScheduleCreated" : "Provisioned",
        asker: actor,
        who,
        role,
        at,
        about: now.id,
        made: given.row.id,
        start: given.row.from,
        proved: given.proved,
      });
      return done;
    },
    call: async (world, caller, proofId) => {
      const all = { ...input(world.id), justification: reason ? "Stays on" : null, proofId };
      return asOutcome(
        await (renew
          ? renewAssignment(world.database, caller, all)
          : extendAssignment(world.database, caller, all)),
      );
    },
  };
}
