import { decidableBy } from "@/lib/authority/decision-authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { formerText, type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { changedLately } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";

/** A decision on requests that wait for the caller: each with its member. */
export async function describeDecisions(
  transaction: Transaction,
  caller: Caller,
  operation: Extract<ProtectedOperation, { kind: "DecideRequests" }>,
): Promise<OperationDescription | null> {
  const ids = [...operation.requestIds];
  const among = Prisma.sql`SELECT unnest(${ids}::uuid[])`;
  const page = { after: null, limit: ids.length, among };
  const decidable = await decidableBy(transaction, caller.userId, page);
  const requests = await transaction.$queryRaw<
    { member: PrincipalIdentity; role: string; resource: string; provedAt: Date | null }[]
  >`
    SELECT ${identityColumn("p")} AS member, d.role_name AS role, s.display_name AS resource,
      proof.spent_at AS "provedAt"
    FROM requests q JOIN principals p ON p.id = q.principal_id
    LEFT JOIN step_up_proofs proof ON proof.id = q.proof_id
    JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources s ON s.id = q.resource_id
    WHERE q.id IN (SELECT may.request_id FROM (${decidable}) may)
    ORDER BY q.id LIMIT 50`;
  const [first] = requests;
  if (!first) return null;
  const { decision } = operation;
  if (requests.length === 1)
    return {
      title: `${decision} ${isolated(first.role)} on ${isolated(first.resource)} for ${principalText(first.member)}`,
      details: [
        ...changedLately([first.member]),
        ...(first.provedAt
          ? [{ label: "Their identity verified", value: first.provedAt.toISOString() }]
          : []),
      ],
    };
  return {
    title: `${decision} ${requests.length} requests`,
    details: requests.map(({ member, role, resource }) => ({
      label: principalText(member),
      value: [`${isolated(role)} on ${isolated(resource)}`, formerText(member)].filter(Boolean).join("\n"),
    })),
  };
}
