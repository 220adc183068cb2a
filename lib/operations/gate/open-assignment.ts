import type { ResourceFacts } from "@/lib/authority/authority";
import { permissionToAssign } from "@/lib/domain/gate/privileges";
import {
  findAccess,
  type HeldAccess,
  loadRoleAtResource,
  type RoleFacts,
} from "@/lib/operations/gate/load-access";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

export interface AssignmentToOpen {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's, the direct assignment's or the activation's id. */
  readonly id: string;
}

/** What a verb about one eligibility or assignment starts with: the access and its log entry. */
export interface OpenedAssignment<Attempt> {
  readonly found: HeldAccess;
  readonly role: RoleFacts;
  readonly resource: ResourceFacts;
  readonly entry: Attempt & Required<Pick<AuditEntry, "role" | "resource" | "target">>;
}

/** Finds an eligibility or assignment with its role and resource; refuses an unknown one. Locks the role alone. */
export async function findAssignment<Attempt extends Omit<AuditEntry, "outcome">>(
  transaction: Transaction,
  attempt: Attempt,
  { assignmentType, id }: AssignmentToOpen,
): Promise<OpenedAssignment<Attempt>> {
  const found = await findAccess(transaction, assignmentType, id);
  const subject = found && (await loadRoleAtResource(transaction, found.roleDefinitionId, found.resourceId));
  if (!found || !subject) throw new Refusal(notFound, attempt);
  const target = { id: found.principalId, displayName: found.principalName };
  return { found, ...subject, entry: { ...attempt, ...subject, target } };
}

/** The same for an administrator. Refuses if they may not change assignments of this type at its resource. */
export async function openAssignment<Attempt extends Omit<AuditEntry, "outcome">>(
  transaction: Transaction,
  actor: Actor,
  attempt: Attempt,
  input: AssignmentToOpen,
): Promise<OpenedAssignment<Attempt>> {
  const opened = await findAssignment(transaction, attempt, input);
  const permission = permissionToAssign(input.assignmentType);
  await requirePermission(transaction, actor, permission, opened.resource, opened.entry);
  return opened;
}
