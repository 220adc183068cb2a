import { knownTo } from "@/lib/authority/authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";
import { changedLately } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";

/** Direct assignments that become eligibilities. For each, until when its member may activate the role. */
export async function describeMadeEligible(
  transaction: Transaction,
  caller: Caller,
  { rows }: Extract<ProtectedOperation, { kind: "MakeEligible" }>,
): Promise<OperationDescription | null> {
  const ids = [...new Set(rows.map(({ id }) => id))];
  const found = await transaction.$queryRaw<
    { id: string; member: PrincipalIdentity; role: string; resource: string }[]
  >`
    SELECT a.id, ${identityColumn("p")} AS member, d.role_name AS role, r.display_name AS resource
    FROM assignments a JOIN principals p ON p.id = a.principal_id
    JOIN role_definitions d ON d.id = a.role_definition_id JOIN resources r ON r.id = a.resource_id
    WHERE a.id = ANY (${ids}::uuid[]) AND ${knownTo("r", caller.userId)}
    ORDER BY a.id LIMIT 100`;
  if (found.length === 0 || found.length < ids.length) return null;
  const until = new Map(rows.map(({ id, eligibleUntil }) => [id, eligibleUntil]));
  const lasting = (end: string | null | undefined) =>
    end ? `eligible until ${momentText(new Date(end))}` : "eligible permanently";
  return {
    title: `Make ${found.length} active ${found.length === 1 ? "assignment" : "assignments"} eligible`,
    details: [
      ...changedLately(found.map(({ member }) => member)),
      // The line above a code shows the values alone.
      ...found.map(({ id, member, role, resource }) => ({
        label: "Assignment",
        value: `${isolated(role)} of ${principalText(member)} on ${isolated(resource)}, ${lasting(until.get(id))}`,
      })),
    ],
  };
}
