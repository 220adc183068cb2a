// What administrators assign, change and remove (docs/rules.md, sections 1, 6, 8 and 11).
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { type Action, type Choice, date, forbidden, type Operation, spend } from "./action";
import { addedTime, conflicts } from "./conflicts";
import { cancelExtensionRequests, cancelScheduled, cutActivations } from "./consequences";
import {
  alreadyThere,
  assignmentRules,
  assignmentSettings,
  badTimes,
  find,
  longest,
  may,
  permissionFor,
} from "./rules";
import { type Access, always, day, done, failed, minute, named, record, refused, type State } from "./state";
import { alwaysTakesProof, takesProof } from "./step-up";
import { asOutcome } from "./world";

export const administrators = ["olga", "olga", "olga", "una", "una", "una", "pete", "max"] as const;
export const end = (until: number) => (until === always ? null : until);

/** An end near the boundaries that count for this role here. */
export function endFor(choice: Choice, from: number, days: number | null): number {
  const maximum = from + longest(days ?? 30);
  return choice.of([from + day, from + 3 * day, maximum, maximum + 1, always, from + 90 * minute, from]);
}

/** Whether the access is the last permanent Owner at the root who is enabled (section 11). */
export function lastOwner(state: State, row: Access): boolean {
  const lasting = (each: Access) =>
    each.kind === "Assigned" &&
    each.role === "Owner" &&
    each.at === "root" &&
    each.until === always &&
    each.from <= state.now &&
    state.principals[each.who]?.type === "User" &&
    state.principals[each.who]?.enabled === true;
  return lasting(row) && state.access.filter(lasting).length === 1;
}

export function assign(state: State, choice: Choice): Action | null {
  const actor = choice.of(administrators);
  const kind = choice.once(2) ? ("Assigned" as const) : ("Eligible" as const);
  const role = choice.of(["Reader", "Operator", "Reader", "Admin", "Owner"] as const);
  const at = choice.of(["web", "production", "app", "root"] as const);
  const who = choice.of(["mia", "max", "inner", "mia", "outer", "eve"] as const);
  const start = choice.of([null, null, state.now + day, state.now + 367 * day, state.now - day]) ?? null;
  const settings = assignmentSettings(state, role, at);
  const from = Math.max(start ?? state.now, state.now);
  const until = endFor(choice, from, kind === "Eligible" ? settings.eligibleDays : settings.activeDays);
  return assigning({ actor, kind, role, at, who, start, until, from, reason: !choice.once(6) });
}

interface Assigning extends Pick<Access, "role" | "at" | "who" | "from" | "until"> {
  readonly actor: string;
  readonly kind: "Eligible" | "Assigned";
  readonly start: number | null;
  readonly reason: boolean;
}

/** Assigns a role to somebody. */
export function assigning({ actor, kind, role, at, who, start, until, from, reason }: Assigning): Action {
  const assignmentType = kind === "Eligible" ? ("Eligible" as const) : ("Active" as const);
  const input = (id: (name: string) => string, last = until) => ({
    assignmentType,
    roleDefinitionId: id(role),
    resourceId: id(at),
    principalIds: [id(who)],
    startsAt: date(start),
    endsAt: date(end(last)),
  });
  const operation: Operation = (id) => assignRoleOperation(input(id));
  return {
    words: `${actor} makes ${who} ${kind === "Eligible" ? "eligible for" : "hold"} ${role} at ${at}${start === null ? "" : ` from ${date(start)?.toISOString()}`} until ${until === always ? "ever" : date(until)?.toISOString()}${reason ? "" : " without a reason"}`,
    actor,
    operation,
    near: (id) => assignRoleOperation(input(id, until === always ? from + day : until + minute)),
    locks: [
      { table: "principals", name: who },
      { table: "role_management_policies", name: role, at },
    ],
    apply(after, proof) {
      if (!may(after, actor, permissionFor(kind), at) || !after.principals[who]?.enabled) return forbidden;
      const begins = Math.max(start ?? after.now, after.now);
      if (badTimes(after, begins, until)) return refused("InvalidRoleAssignmentRequestSchedule");
      const row = { kind, who, role, at, from: begins, until };
      if (alreadyThere(after, row)) return refused("RoleAssignmentExists");
      if (kind === "Assigned" && conflicts(after, [row])) return refused("RoleAssignmentConflict");
      const counting = assignmentSettings(after, role, at);
      const takes = takesProof(after, actor, counting, row);
      const proved = takes && spend(after, proof, actor, operation);
      const rules = assignmentRules(counting, { ...row, reason, takesProof: takes, proved });
      if (rules.length > 0) return failed(rules);
      const id = named(after, kind === "Eligible" ? "e" : "a");
      after.access.push({ ...row, id, basis: null, removed: false });
      const status = begins > after.now ? "ScheduleCreated" : "Provisioned";
      record(after, {
        type: "AdminAssign",
        status,
        asker: actor,
        who,
        role,
        at,
        about: id,
        start: begins,
        proved,
      });
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await assignRole(world.database, caller, {
          ...input(world.id),
          justification: reason ? "Joins the team" : null,
          proofId,
        }),
      ),
  };
}

/** A row to change or remove, mostly one in effect. */
export function someAccess(
  state: State,
  choice: Choice,
  kinds: readonly Access["kind"][],
): Access | undefined {
  const rows = state.access.filter((each) => kinds.includes(each.kind));
  const standing = rows.filter((each) => each.until > state.now && each.until > each.from);
  return choice.of(choice.once(5) || standing.length === 0 ? rows : standing);
}

export const assignmentTypeOf = (row: Access) =>
  row.kind === "Eligible" ? ("Eligible" as const) : ("Active" as const);
export const lockOf = (row: Access) =>
  ({ table: row.kind === "Eligible" ? "eligibilities" : "assignments", name: row.id }) as const;

/** Removes a row now, with everything that depends on it. */
export function removeAccess(state: State, row: Access, by: string): void {
  const begun = row.from <= state.now;
  row.until = begun ? state.now : row.from;
  row.removed = true;
  if (row.kind === "Eligible") cutActivations(state, row.id, state.now);
  cancelExtensionRequests(state, row.id);
  if (!begun) cancelScheduled(state, row.id);
  const { who, role, at } = row;
  record(state, { type: "AdminRemove", status: "Revoked", asker: by, who, role, at, about: row.id });
}

export function remove(state: State, choice: Choice): Action | null {
  const row = someAccess(state, choice, ["Eligible", "Assigned", "Activated"]);
  return row ? removing(row, choice.of(administrators)) : null;
}

/** Removes an access. */
export function removing(row: Access, actor: string): Action {
  return {
    words: `${actor} takes ${row.role} at ${row.at} from ${row.who} (${row.kind} ${row.id})`,
    actor,
    operation: null,
    locks: [lockOf(row)],
    apply(after) {
      const now = find(after, row.id);
      if (!now || !may(after, actor, permissionFor(now.kind), now.at)) return forbidden;
      if (now.until <= after.now || now.until <= now.from) return refused("RoleAssignmentDoesNotExist");
      if (lastOwner(after, now)) return refused("LastOwner");
      removeAccess(after, now, actor);
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await removeAssignment(world.database, caller, {
          assignmentType: assignmentTypeOf(row),
          id: world.id(row.id),
          justification: null,
        }),
      ),
  };
}

export function update(state: State, choice: Choice): Action | null {
  const row = someAccess(state, choice, ["Eligible", "Assigned", "Eligible", "Assigned", "Activated"]);
  if (!row) return null;
  const actor = choice.of(administrators);
  const begun = row.from <= state.now;
  const start =
    choice.of(begun ? [null, null, null, row.from + minute] : [null, state.now + 2 * day, row.from]) ?? null;
  const settings = assignmentSettings(state, row.role, row.at);
  const from = begun ? state.now : (start ?? row.from);
  const until = endFor(choice, from, row.kind === "Eligible" ? settings.eligibleDays : settings.activeDays);
  const reason = !choice.once(6);
  const stale = choice.once(8);
  const expected = { startsAt: new Date(row.from), endsAt: date(stale ? row.from + day : end(row.until)) };
  const input = (id: (name: string) => string, last = until) => ({
    assignmentType: assignmentTypeOf(row),
    id: id(row.id),
    expected,
    startsAt: date(start),
    endsAt: date(end(last)),
  });
  const operation: Operation = (id) => updateAssignmentOperation(input(id));
  return {
    words: `${actor} changes ${row.kind} ${row.id} of ${row.who} (${row.role} at ${row.at})${start === null ? "" : ` to begin ${date(start)?.toISOString()}`} to end ${until === always ? "never" : date(until)?.toISOString()}${stale ? ", stale" : ""}${reason ? "" : " without a reason"}`,
    actor,
    operation,
    near: (id) => updateAssignmentOperation(input(id, until === always ? from + day : until + minute)),
    locks: [{ table: "role_management_policies", name: row.role, at: row.at }, lockOf(row)],
    apply(after, proof) {
      const now = find(after, row.id);
      if (!now || !may(after, actor, permissionFor(now.kind), now.at) || now.kind === "Activated")
        return forbidden;
      if (now.until <= after.now || now.until <= now.from) return refused("RoleAssignmentDoesNotExist");
      if (now.from !== row.from || now.until !== (expected.endsAt?.getTime() ?? always))
        return refused("StaleAssignment");
      const stays = until === always && (start ?? now.from) <= after.now;
      if (lastOwner(after, now) && !stays) return refused("LastOwner");
      const moved = now.from <= after.now && start !== null && start !== now.from;
      const begins = now.from <= after.now ? now.from : Math.max(start ?? now.from, after.now);
      if (moved || badTimes(after, begins, until)) return refused("InvalidRoleAssignmentRequestSchedule");
      if ((begins < now.from || until > now.until) && !after.principals[now.who]?.enabled) return forbidden;
      const changed = { ...now, from: begins, until };
      const itself = (other: Access) => other.id === now.id;
      if (alreadyThere(after, changed, itself)) return refused("RoleAssignmentExists");
      if (now.kind === "Assigned" && conflicts(after, addedTime(now, changed), itself))
        return refused("RoleAssignmentConflict");
      const counting = assignmentSettings(after, now.role, now.at);
      const longer = begins < now.from || until > now.until;
      const bySettings = now.kind === "Assigned" && counting.assignMfa;
      const takes = bySettings || (longer && alwaysTakesProof(after, actor, changed));
      const proved = takes && spend(after, proof, actor, operation);
      const judged = { ...changed, from: Math.max(begins, after.now), reason, takesProof: takes, proved };
      const rules = assignmentRules(counting, judged);
      if (rules.length > 0) return failed(rules);
      if (now.from > after.now)
        for (const request of after.requests)
          if (request.status === "ScheduleCreated" && (request.made ?? request.about) === now.id)
            request.start = begins;
      Object.assign(now, { from: begins, until });
      if (now.kind === "Eligible" && until !== always) cutActivations(after, now.id, until);
      const status = begins > after.now ? "ScheduleCreated" : "Provisioned";
      const { who, role, at } = now;
      record(after, {
        type: "AdminUpdate",
        status,
        asker: actor,
        who,
        role,
        at,
        about: now.id,
        start: begins,
        proved,
      });
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await updateAssignment(world.database, caller, {
          ...input(world.id),
          justification: reason ? "Plan changed" : null,
          proofId,
        }),
      ),
  };
}
