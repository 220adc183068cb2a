// Extending a running activation in place (docs/rules.md, sections 1, 4, 5 and 6).
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { type Action, type Choice, date, forbidden, type Operation, spend } from "./action";
import { openStage } from "./approval";
import { conflicts } from "./conflicts";
import {
  activationSettings,
  contains,
  find,
  inEffect,
  judgingLevels,
  reaches,
  runsUntil,
  waitsAtAll,
} from "./rules";
import { type Access, failed, minute, record, refused, type Settings, type State } from "./state";
import { asOutcome } from "./world";

/** Every rule of the settings that an extension to an end fails, and the access it would overlap. */
export function extensionRules(
  state: State,
  settings: Settings,
  row: Access,
  basis: Access,
  asked: { until: number; reason: boolean; ticket: boolean; proved: boolean },
): string[] {
  const { until } = asked;
  const next = state.access.some(
    (each) =>
      each.kind !== "Eligible" &&
      each.who === row.who &&
      each.role === row.role &&
      each.at === row.at &&
      each.until !== each.from &&
      each.from >= row.until &&
      each.from < until,
  );
  return [
    ...(until <= row.until || until > state.now + settings.maximumMinutes * minute ? ["ExpirationRule"] : []),
    ...(until > basis.until ? ["EligibilityRule"] : []),
    ...(next ? ["OverlapRule"] : []),
    ...(settings.reason && !asked.reason ? ["JustificationRule"] : []),
    ...(settings.ticket && !asked.ticket ? ["TicketingRule"] : []),
    ...(settings.mfa && !asked.proved ? ["MfaRule"] : []),
  ];
}

export function extendRunning(state: State, choice: Choice): Action | null {
  const activations = state.access.filter((each) => each.kind === "Activated");
  const running = activations.filter((each) => inEffect(each, state.now));
  const row = choice.of(choice.once(8) || running.length === 0 ? activations : running);
  const basis = row && find(state, row.basis);
  if (!row || !basis) return null;
  const actor = choice.once(8) ? "max" : row.who;
  const settings = activationSettings(state, row.role, basis.at, row.at);
  const latest = Math.min(state.now + settings.maximumMinutes * minute, basis.until);
  const until =
    (choice.once(3)
      ? choice.of([latest + 1, row.until, row.until - minute, latest + minute])
      : choice.of([latest, row.until + 30 * minute, row.until + minute])) ?? latest;
  const shown = choice.once(10) ? row.until + minute : row.until;
  const reason = !choice.once(8);
  const ticket = settings.ticket ? !choice.once(4) : choice.once(4);
  const like =
    (endsAt: number): Operation =>
    (id) =>
      extendActivationOperation({
        assignmentId: id(row.id),
        expectedEnd: new Date(shown),
        endsAt: new Date(endsAt),
      });
  const operation = like(until);
  return {
    words: `${actor} extends ${row.id} of ${row.who} to ${date(until)?.toISOString()}${reason ? "" : " without a reason"}`,
    actor,
    operation,
    near: like(until + minute),
    locks: [
      ...judgingLevels(state, basis.at, row.at).map(
        (level) => ({ table: "role_management_policies", name: row.role, at: level }) as const,
      ),
      { table: "eligibilities", name: basis.id },
      { table: "assignments", name: row.id },
    ],
    apply(after, proof) {
      const [now, on] = [find(after, row.id), find(after, basis.id)];
      if (!now || !on || now.who !== actor) return forbidden;
      if (!inEffect(now, after.now)) return refused("RoleAssignmentDoesNotExist");
      if (!inEffect(on, after.now) || !reaches(after, actor, on.who) || !contains(after, on.at, now.at))
        return refused("RoleAssignmentDoesNotExist");
      if (now.until !== shown) return refused("StaleAssignment");
      if (after.requests.some((each) => each.extends === row.id && waitsAtAll(each)))
        return refused("RoleAssignmentRequestExists");
      if (until > now.until && conflicts(after, [{ ...now, from: now.until, until }]))
        return refused("RoleAssignmentConflict");
      const counting = activationSettings(after, now.role, on.at, now.at);
      const proved = counting.mfa && spend(after, proof, actor, operation);
      const asked = { until, reason, ticket, proved };
      const rules = extensionRules(after, counting, now, on, asked);
      if (rules.length > 0) return failed(rules);
      const { who, role, at } = now;
      const request = { type: "SelfExtend", asker: actor, who, role, at, about: on.id, extends: now.id };
      const whole = { ...request, reason, ticket, proved, end: until };
      if (counting.approval) {
        const made = record(after, { ...whole, status: "PendingApproval" });
        const last = runsUntil(after, made);
        made.approval = openStage(after, counting.stages, 0, counting.approverMfa, last);
        return { ok: true, status: "PendingApproval" };
      }
      now.until = until;
      record(after, { ...whole, status: "Provisioned" });
      return { ok: true, status: "Provisioned" };
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await extendActivation(world.database, caller, {
          assignmentId: world.id(row.id),
          expectedEnd: new Date(shown),
          endsAt: new Date(until),
          justification: reason ? "It takes longer" : " ",
          ticketNumber: ticket ? "INC-1" : null,
          ticketSystem: ticket ? "Jira" : null,
          proofId,
        }),
      ),
  };
}
