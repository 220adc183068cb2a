import { ofActivation, waitsForDecision } from "@/lib/authority/request-basis";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A waiting request of the caller's own that they are about to approve in an emergency. */
export async function describeBreakGlass(
  transaction: Transaction,
  caller: Caller,
  { requestId, durationMinutes, justification }: Extract<ProtectedOperation, { kind: "BreakGlass" }>,
): Promise<OperationDescription | null> {
  const [row] = await transaction.$queryRaw<{ roleName: string; resourceName: string; scope: string }[]>`
    SELECT d.role_name AS "roleName", r.display_name AS "resourceName", r.scope
    FROM requests q JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources r ON r.id = q.resource_id
    WHERE q.id = ${requestId}::uuid AND q.requestor_id = ${caller.userId}::uuid
      AND q.principal_id = ${caller.userId}::uuid AND ${ofActivation("q")} AND ${waitsForDecision("q")}`;
  if (!row) return null;
  return {
    title: `Approve your own request: ${isolated(row.roleName)} on ${isolated(row.resourceName)}`,
    details: [
      { label: "Duration", value: `${minutesInWords(durationMinutes)}, from now` },
      { label: "Scope", value: row.scope },
      ...(justification === null ? [] : [{ label: "Emergency", value: isolated(justification) }]),
    ],
  };
}
