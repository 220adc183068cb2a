// The whole state, read from the database by one query, and compared with the model's.

import { decidableBy } from "@/lib/authority/decision-authority";
import { orphanedAt } from "@/lib/authority/request-basis";
import { requestStatuses, statusAt } from "@/lib/domain/requests/request-state";
import { planOnce } from "@/lib/platform/prepared-statements";
import { inTransaction } from "@/lib/platform/transaction";
import { mayDecide } from "./approval";
import { holds, inEffect, reach, waits } from "./rules";
import { always, type State } from "./state";
import type { World } from "./world";

interface Row {
  readonly id: string;
  readonly what:
    | "access"
    | "request"
    | "settings"
    | "emergency"
    | "proof"
    | "principal"
    | "member"
    | "active"
    | "eligible"
    | "conflict"
    | "exception";
  readonly kind: string;
  readonly who: string;
  readonly role: string | null;
  readonly at: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
  /** An activation's eligibility, a request's asker, a membership's group. */
  readonly other: string | null;
  readonly flag: boolean;
  readonly count: number;
  readonly lostAt: Date | null;
}

/** The facts of one side, one line each, with the database's id for those that are rows. */
export type Facts = { readonly text: string; readonly id: string | null }[];

const time = (at: number | null) => (at === null || at === always ? "ever" : new Date(at).toISOString());
const users = (state: State) =>
  Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");

const accessText = (
  kind: string,
  who: string,
  role: string,
  at: string,
  from: number,
  until: number,
  basis: string,
) => `${who}: ${kind} ${role} at ${at} from ${time(from)} until ${time(until)}${basis ? ` by ${basis}` : ""}`;
const exceptionText = (who: string, rule: string, asker: string, state: string, until: number) =>
  `exception for ${who} from ${rule} by ${asker} is ${state} until ${time(until)}`;
const readState = (stored: string, until: number, now: number) =>
  (stored === "Waiting" || stored === "Approved") && until <= now ? "Expired" : stored;
const requestText = (
  type: string,
  status: string,
  asker: string,
  who: string,
  role: string,
  at: string,
  start: number | null,
  proved: boolean,
) =>
  `${asker} for ${who}: ${type} ${role} at ${at} is ${status}${status === "ScheduleCreated" ? ` from ${time(start)}` : ""}${proved ? ", proved" : ""}`;

/** The facts of the model. */
export function modelFacts(state: State, deciding: boolean): Facts {
  const facts: Facts = [];
  const note = (text: string, id: string | null = null) => facts.push({ text, id });
  for (const { id, kind, who, role, at, from, until, basis } of state.access)
    note(accessText(kind, who, role, at, from, until, basis ?? ""), id);
  for (const { id, type, status, asker, who, role, at, start, proved } of state.requests)
    note(requestText(type, status, asker, who, role, at, start, proved), id);
  for (const [key, { version, mfa, maximumMinutes, freshCode, glass }] of Object.entries(state.settings))
    note(
      `settings ${key}: version ${version}, ${mfa ? "MFA" : "no MFA"}, ${maximumMinutes}${freshCode ? " and a new code" : ""}${glass === null ? "" : ` and ${glass} in an emergency`}`,
    );
  for (const { id, emergency } of state.requests)
    if (emergency) note(`the emergency of ${id} is ${emergency.closed ? "closed" : "open"}`);
  for (const { id, at, first, second } of state.conflicts)
    note(`${first} and ${second} conflict at ${at}`, id);
  for (const { id, rule, who, asker, until, state: stored } of state.exceptions)
    note(exceptionText(who, rule, asker, readState(stored, until, state.now), until), id);
  for (const { id, spent } of state.proofs) note(`proof ${id} is ${spent ? "spent" : "unspent"}`);
  for (const [name, { enabled }] of Object.entries(state.principals))
    if (!enabled) note(`${name} is disabled`);
  for (const { group, member } of state.members) note(`${member} is in ${group}`);
  for (const user of users(state)) {
    const reached = reach(state, user);
    for (const each of state.access) {
      if (holds(state, reached, each)) note(`${user} holds ${each.role} at ${each.at}, ${each.kind}`);
      if (each.kind === "Eligible" && reached.has(each.who) && inEffect(each, state.now))
        note(`${user} may activate ${each.role} at ${each.at}`);
    }
    if (deciding)
      for (const request of state.requests)
        if (waits(request) && mayDecide(state, user, request)) note(`${user} may decide ${request.id}`);
  }
  return facts;
}

/** The facts of the database, as the product itself reads access and requests. */
export async function databaseFacts(world: World, state: State, deciding: boolean): Promise<Facts> {
  const known = (id: string | null) => (id === null ? "" : (world.knows(id) ?? "something new"));
  const people = users(state).map(world.id);
  return inTransaction(world.database, async (transaction) => {
    const rows = await transaction.$queryRaw<Row[]>`
      SELECT ${planOnce} id, 'access' AS what, 'Eligible' AS kind, principal_id AS who, role_definition_id AS role,
        resource_id AS at, starts_at AS "from", ends_at AS until, NULL::uuid AS other, false AS flag, 0 AS count,
        NULL::timestamptz AS "lostAt" FROM eligibilities
      UNION ALL SELECT id, 'access', assignment_type::text, principal_id, role_definition_id, resource_id, starts_at,
        ends_at, eligibility_id, false, 0, NULL FROM assignments
      UNION ALL SELECT q.id, 'request', q.request_type::text || ' ' || q.status::text || ' ' || coalesce(q.duration_minutes::text, ''), q.principal_id,
        q.role_definition_id, q.resource_id, q.starts_at, a.expires_at, q.requestor_id, q.proof_id IS NOT NULL, 0,
        ${orphanedAt("q")} FROM requests q LEFT JOIN request_approvals a ON a.request_id = q.id
      UNION ALL SELECT id, 'settings', activation_maximum_minutes::text
        || CASE WHEN provisioning_requires_mfa THEN ' and a new code' ELSE '' END
        || coalesce(' and ' || break_glass_maximum_minutes || ' in an emergency', ''), id, role_definition_id, resource_id, NULL,
        NULL, NULL, activation_requires_mfa, version, NULL FROM role_management_policies WHERE version > 0
      UNION ALL SELECT NULL, 'emergency', '', request_id, NULL, NULL, NULL, NULL, NULL, closed_at IS NOT NULL, 0, NULL
        FROM break_glass_reviews
      UNION ALL SELECT id, 'conflict', name, id, NULL, resource_id, NULL, NULL, NULL, false, 0, NULL FROM conflict_rules
      UNION ALL SELECT id, 'exception', state::text, principal_id, rule_id, NULL, NULL, ends_at, asked_by_id, false, 0, NULL
        FROM conflict_exceptions
      UNION ALL SELECT id, 'proof', '', id, NULL, NULL, NULL, NULL, NULL, spent_at IS NOT NULL, 0, NULL
        FROM step_up_proofs
      UNION ALL SELECT id, 'principal', '', id, NULL, NULL, NULL, NULL, NULL, true, 0, NULL FROM principals
        WHERE disabled_at IS NOT NULL
      UNION ALL SELECT group_id, 'member', '', member_id, NULL, NULL, NULL, NULL, group_id, false, 0, NULL
        FROM group_members
      UNION ALL SELECT x.id, 'active', x.assignment_type::text, u.id, x.role_definition_id, x.resource_id, NULL, NULL,
        NULL, false, 0, NULL FROM unnest(${people}::uuid[]) AS u (id), active_assignments(u.id, postern_now()) x
      UNION ALL SELECT x.id, 'eligible', '', u.id, x.role_definition_id, x.resource_id, NULL, NULL, NULL, false, 0, NULL
        FROM unnest(${people}::uuid[]) AS u (id), current_eligibilities(u.id, postern_now()) x`;
    // An import makes its proof itself, if there is something to prove.
    const shown = rows.filter(({ what, id }) => what !== "proof" || world.knows(id) !== undefined);
    const facts: Facts = shown.map((row) => ({ text: textOf(row, known, new Date(state.now)), id: row.id }));
    if (!deciding) return facts;
    for (const user of users(state)) {
      const decidable = await decidableBy(transaction, world.id(user));
      const found = await transaction.$queryRaw<{ requestId: string }[]>`
        SELECT ${planOnce} d.request_id AS "requestId" FROM (${decidable}) d`;
      for (const { requestId } of found)
        facts.push({ text: `${user} may decide ${known(requestId)}`, id: null });
    }
    return facts;
  });
}

function statusOf(text: string) {
  const status = requestStatuses.find((each) => each === text);
  if (!status) throw new Error(`there is no status ${text}`);
  return status;
}

function textOf(row: Row, known: (id: string | null) => string, now: Date): string {
  const [who, role, at, other] = [known(row.who), known(row.role), known(row.at), known(row.other)];
  switch (row.what) {
    case "access": {
      const until = row.until?.getTime() ?? always;
      return accessText(row.kind, who, role, at, row.from?.getTime() ?? 0, until, other);
    }
    case "request": {
      const [type = "", status = "", minutes = ""] = row.kind.split(" ");
      const durationMinutes = minutes === "" ? null : Number(minutes);
      const stored = { requestType: type, durationMinutes, status: statusOf(status), startsAt: row.from };
      const read = statusAt({ ...stored, expiresAt: row.until, orphanedAt: row.lostAt }, now);
      return requestText(type, read, other, who, role, at, row.from?.getTime() ?? null, row.flag);
    }
    case "settings":
      return `settings ${role} ${at}: version ${row.count}, ${row.flag ? "MFA" : "no MFA"}, ${row.kind}`;
    case "emergency":
      return `the emergency of ${who} is ${row.flag ? "closed" : "open"}`;
    case "conflict":
      return `${row.kind} conflict at ${at}`;
    case "exception": {
      const until = row.until?.getTime() ?? always;
      return exceptionText(who, role, other, readState(row.kind, until, now.getTime()), until);
    }
    case "proof":
      return `proof ${who} is ${row.flag ? "spent" : "unspent"}`;
    case "principal":
      return `${who} is disabled`;
    case "member":
      return `${who} is in ${other}`;
    case "active":
      return `${who} holds ${role} at ${at}, ${row.kind}`;
    case "eligible":
      return `${who} may activate ${role} at ${at}`;
  }
}

/** The facts that only one of two sides has; empty if they agree. */
export function difference(model: Facts, database: Facts): string[] {
  const left = new Map<string, number>();
  for (const { text } of model) left.set(text, (left.get(text) ?? 0) + 1);
  for (const { text } of database) left.set(text, (left.get(text) ?? 0) - 1);
  return [...left].flatMap(([text, count]) =>
    count === 0 ? [] : [`${count > 0 ? "only the model" : "only the product"}: ${text}`],
  );
}

/** Names new rows of the product as the model does, where both have the same facts about them. */
export function nameNew(world: World, model: Facts, database: Facts): void {
  const fresh = database.filter(({ id }) => id !== null && world.knows(id) === undefined);
  const taken = new Set(database.flatMap(({ id }) => (id === null ? [] : (world.knows(id) ?? []))));
  for (const fact of model) {
    if (fact.id === null || taken.has(fact.id)) continue;
    const index = fresh.findIndex(({ text }) => text === fact.text);
    const [found] = index < 0 ? [] : fresh.splice(index, 1);
    if (found?.id) world.name(found.id, fact.id);
  }
}
