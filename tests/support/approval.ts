import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { approveRequest } from "./decide-one";
import { grant, makeCaller, makeProof, makeRole, makeTree, makeUser } from "./factories";

/** A stage in which these principals decide. */
export function stageOf(approverIds: string[], changes: Partial<ApprovalStage> = {}): ApprovalStage {
  return { ...emptyApprovalStage, approverIds: [...approverIds].sort(), ...changes };
}

/** Role settings that require approval in these stages, plus other settings. */
export function approvedBy(stages: ApprovalStage[], changes: Partial<RoleSettings> = {}): RoleSettings {
  return { ...defaultRoleSettings, approvalRequired: true, approvalStages: stages, ...changes };
}

/** Writes settings directly, without any check. */
export async function setSettings(
  database: Database,
  roleDefinitionId: string,
  resourceId: string,
  settings: RoleSettings,
): Promise<void> {
  const { approvalStages, notifications, ...flat } = settings;
  const data = {
    ...flat,
    approvalStages: approvalStages.map((stage) => ({ ...stage })),
    notifications: { ...notifications },
  };
  await database.client.roleManagementPolicy.upsert({
    where: { resourceId_roleDefinitionId: { resourceId, roleDefinitionId } },
    create: { roleDefinitionId, resourceId, version: 1, ...data },
    update: { version: { increment: 1 }, ...data },
  });
}

/** A member who is eligible for a role that requires approval, and people who may approve it. */
export async function arrangeApproval(
  database: Database,
  options: {
    tree?: Awaited<ReturnType<typeof makeTree>>;
    stages?: (approverIds: string[]) => ApprovalStage[];
    settings?: Partial<RoleSettings>;
  } = {},
) {
  const tree = options.tree ?? (await makeTree(database));
  const role = await makeRole(database, "User Access Administrator", {
    actions: ["Microsoft.Authorization/*"],
  });
  const people = await Promise.all(
    ["Anna Approver", "Boris Approver"].map((name) => makeUser(database, name)),
  );
  const [first, second] = await Promise.all(people.map((person) => makeCaller(database, person)));
  if (!first || !second) throw new Error("no approvers");
  const approverIds = people.map((person) => person.id);
  const settings = approvedBy(options.stages?.(approverIds) ?? [stageOf(approverIds)], options.settings);
  await setSettings(database, role.id, tree.subscription.id, settings);
  const user = await makeUser(database, "Rita Requester");
  const member = await makeCaller(database, user);
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const ask = async (
    changes: {
      startsAt?: Date | null;
      durationMinutes?: number;
      proved?: boolean;
      resourceId?: string;
      caller?: Caller;
      eligibilityId?: string;
      ticketNumber?: string;
    } = {},
  ) => {
    const { startsAt = null, durationMinutes = 60, proved = true, caller = member } = changes;
    const {
      resourceId = tree.subscription.id,
      eligibilityId = eligibility.id,
      ticketNumber = null,
    } = changes;
    const input = { eligibilityId, resourceId, startsAt, durationMinutes };
    const proofId = proved
      ? await makeProof(database, caller, {
          kind: "ActivateRole",
          ...input,
          startsAt: startsAt?.toISOString() ?? null,
        })
      : null;
    const rest = { justification: "Fix the outage", ticketNumber, ticketSystem: null, proofId };
    return activateRole(database, caller, { ...input, ...rest });
  };
  /** Requests the role, and returns the waiting request. */
  const waiting = async (changes: Parameters<typeof ask>[0] = {}) => {
    const result = await ask(changes);
    if (!result.ok || result.status !== "PendingApproval") throw new Error(JSON.stringify(result));
    return result.requestId;
  };
  /** Requests the role, and returns the request after the first approver has approved it. */
  const approved = async (changes: Parameters<typeof ask>[0] = {}) => {
    const requestId = await waiting(changes);
    const decision = { requestId, justification: "Known outage", proofId: null };
    const result = await approveRequest(database, first, decision);
    if (!result.ok || result.status !== "PendingProvisioning") throw new Error(JSON.stringify(result));
    return requestId;
  };
  const read = (id: string) =>
    database.client.request.findUniqueOrThrow({
      where: { id },
      include: { approval: true, decisions: { orderBy: { id: "asc" } } },
    });
  const prove = (caller: Caller, decision: "Approve" | "Deny", requestIds: string[]) =>
    makeProof(database, caller, decideRequestsOperation(decision, requestIds));
  return {
    tree,
    role,
    people,
    first,
    second,
    user,
    member,
    eligibility,
    settings,
    ask,
    waiting,
    approved,
    read,
    prove,
  };
}
