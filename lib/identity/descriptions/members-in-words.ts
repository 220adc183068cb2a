import {
  formerText,
  type PrincipalIdentity,
  principalWithFormerText,
} from "@/lib/domain/people/principal-identity";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";

type Detail = OperationDescription["details"][number];

/** The members that an operation is about, each on a line: name, address, and recent former names. */
export function membersInWords(members: readonly PrincipalIdentity[]): Detail {
  return { label: "Members", value: members.map(principalWithFormerText).join("\n") };
}

/** The names and addresses among these that changed recently; empty if none did. */
export function changedLately(principals: readonly PrincipalIdentity[]): Detail[] {
  const each = [...new Map(principals.map((principal) => [principal.id, principal])).values()];
  const changes = each.flatMap((principal) => {
    const text = formerText(principal);
    return text === "" ? [] : [each.length === 1 ? text : principalWithFormerText(principal)];
  });
  return changes.length === 0 ? [] : [{ label: "Changed recently", value: changes.join("\n") }];
}
