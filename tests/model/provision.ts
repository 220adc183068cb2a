// Entering the code that an approved request waits for (docs/rules.md, sections 1 and 7).
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { activationRules, lastsUntil } from "./activation";
import { counting, neededOf } from "./approval";
import { conflicts } from "./conflicts";
import { extensionRules } from "./extend-activation";
import {
  activationSettings,
  alreadyThere,
  find,
  inForce,
  judgingLevels,
  ofActivation,
  same,
  waitsForCode,
} from "./rules";
import { failed, named, type Request, refused, type Settings, type State } from "./state";
import { asOutcome } from "./world";

export function provision(state: State, choice: Choice): Action | null {
  const asked = state.requests.filter(ofActivation);
  const waiting = asked.filter(waitsForCode);
  const request = choice.of(choice.once(8) || waiting.length === 0 ? asked : waiting);
  if (!request) return null;
  const users = Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");
  const actor = (choice.once(8) ? choice.of(users) : undefined) ?? request.who;
  const other = choice.of(asked.filter(({ id }) => id !== request.id));
  const operation: Operation = (id) => provisionRequestOperation(id(request.id));
  const basis = find(state, request.about);
  return {
    words: `${actor} enters a code for ${request.id} of ${request.who}`,
    actor,
    operation,
    ...(other ? { near: (id) => provisionRequestOperation(id(other.id)) } : {}),
    locks: [
      ...judgingLevels(state, basis?.at ?? request.at, request.at).map(
        (level) => ({ table: "role_management_policies", name: request.role, at: level }) as const,
      ),
      ...(request.about ? [{ table: "eligibilities", name: request.about } as const] : []),
      { table: "requests", name: request.id },
    ],
    apply(after, proof) {
      const now = after.requests.find((each) => each.id === request.id);
      if (!now?.approval || now.who !== actor) return forbidden;
      if (!waitsForCode(now)) return refused("RequestNotPending");
      return activateApproved(after, now, spend(after, proof, actor, operation));
    },
    call: async (world, caller, proofId) =>
      asOutcome(await provisionRequest(world.database, caller, { requestId: world.id(request.id), proofId })),
  };
}

/** When the code is entered, everything is judged again, including the approval. */
function activateApproved(state: State, request: Request, proved: boolean) {
  const { who, role, at, approval } = request;
  const basis = find(state, request.about);
  if (!basis || !approval) return forbidden;
  if (request.extends !== null) return extendApproved(state, request, proved);
  const from = Math.max(request.start ?? state.now, state.now);
  const until = lastsUntil(from, request.minutes, basis.until);
  const row = { kind: "Activated" as const, who, role, at, from, until };
  if (alreadyThere(state, row)) return refused("RoleAssignmentExists");
  if (conflicts(state, [row])) return refused("RoleAssignmentConflict");
  const settings = activationSettings(state, role, basis.at, at);
  const rules = [
    ...activationRules(settings, basis, { ...request, from, proved: true }),
    ...approvalRules(state, settings, request),
    ...(proved ? [] : ["MfaRule"]),
  ];
  if (rules.length > 0) return failed(rules);
  request.made = named(state, "a");
  request.start = from;
  request.proved = true;
  request.status = from > state.now ? "ScheduleCreated" : "Provisioned";
  state.access.push({ ...row, id: request.made, basis: basis.id, removed: false });
  return { ok: true as const, status: request.status };
}

function approvalRules(state: State, settings: Settings, request: Request): string[] {
  const { approval } = request;
  if (!approval) return [];
  const missing = inForce(settings).some((stage) => !approval.stages.some((each) => same(each, stage)));
  return missing || counting(state, request, approval) < neededOf(approval) ? ["ApprovalRule"] : [];
}

/** When the code for an extension is entered: the approved end, if everything still applies. */
function extendApproved(state: State, request: Request, proved: boolean) {
  const [row, basis] = [find(state, request.extends), find(state, request.about)];
  if (!row || !basis) return forbidden;
  const until = request.end ?? row.until;
  if (conflicts(state, [{ ...row, from: row.until, until }])) return refused("RoleAssignmentConflict");
  const settings = activationSettings(state, row.role, basis.at, row.at);
  const rules = [
    ...extensionRules(state, settings, row, basis, { ...request, until, proved: true }),
    ...approvalRules(state, settings, request),
    ...(proved ? [] : ["MfaRule"]),
  ];
  if (rules.length > 0) return failed(rules);
  row.until = until;
  request.proved = true;
  request.status = "Provisioned";
  return { ok: true as const, status: request.status };
}
