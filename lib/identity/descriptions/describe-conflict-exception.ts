import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

/** The approval of an exception: for whom, until when, who asked, and the roles that may then be held together. */
export async function describeConflictException(
  transaction: Transaction,
  exceptionId: string,
): Promise<OperationDescription | null> {
  const found = await transaction.conflictException.findUnique({
    where: { id: exceptionId },
    select: {
      principalId: true,
      askedById: true,
      endsAt: true,
      justification: true,
      rule: {
        select: {
          name: true,
          resource: { select: { displayName: true, scope: true } },
          roles: { select: { side: true, roleDefinition: { select: { roleName: true } } } },
        },
      },
    },
  });
  if (!found) return null;
  const { rule } = found;
  const people = await identitiesOf(transaction, [found.principalId, found.askedById]);
  const nameOf = (id: string) => {
    const person = people.find((each) => each.id === id);
    return person ? principalText(person) : "";
  };
  const namesOf = (side: "First" | "Second") =>
    rule.roles
      .filter((role) => role.side === side)
      .map(({ roleDefinition }) => isolated(roleDefinition.roleName))
      .sort()
      .join(", ");
  return {
    title: `Allow ${nameOf(found.principalId)} an exception from ${isolated(rule.name)} on ${isolated(rule.resource.displayName)}`,
    details: [
      { label: "Scope", value: rule.resource.scope },
      { label: "Roles", value: namesOf("First") },
      { label: "Together with", value: namesOf("Second") },
      { label: "Until", value: found.endsAt.toISOString() },
      { label: "Requested by", value: nameOf(found.askedById) },
      { label: "Reason", value: isolated(found.justification) },
    ],
  };
}
