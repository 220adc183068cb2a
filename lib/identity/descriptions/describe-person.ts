import { may, rootResource } from "@/lib/authority/authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import { changedLately } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

type Of<Kind extends ProtectedOperation["kind"]> = Extract<ProtectedOperation, { kind: Kind }>;

/** The principals of these ids, for a caller who manages people; none for anybody else. */
export async function managedPrincipals(
  transaction: Transaction,
  caller: Caller,
  ids: readonly string[],
): Promise<PrincipalIdentity[]> {
  const root = await rootResource(transaction);
  if (!(await may(transaction, caller.userId, action.writePrincipals, root.id))) return [];
  return identitiesOf(transaction, ids);
}

/** Describes what gives the access of a principal back to somebody, or to somebody else. */
export async function describePerson(
  transaction: Transaction,
  caller: Caller,
  operation: Of<"EnablePrincipal" | "IssueSignIn" | "IssueFactorPass" | "ResetAuthenticator">,
): Promise<OperationDescription | null> {
  const [principal] = await managedPrincipals(transaction, caller, [operation.principalId]);
  if (!principal) return null;
  const name = principalText(principal);
  const titles = {
    EnablePrincipal: `Enable ${name}, and give back the access`,
    IssueSignIn: `Issue a new sign-in to ${name}`,
    IssueFactorPass: `Make a one-time pass for ${name}`,
    ResetAuthenticator: `Reset the second factors of ${name}`,
  };
  const valid =
    operation.kind === "IssueFactorPass"
      ? [{ label: "Valid for", value: minutesInWords(operation.hours * 60) }]
      : [];
  return { title: titles[operation.kind], details: [...changedLately([principal]), ...valid] };
}

/** Describes a link to an identity provider, one's own or another person's. */
export async function describeIdentityLink(
  transaction: Transaction,
  caller: Caller,
  operation: Of<"LinkIdentity" | "UnlinkIdentity">,
): Promise<OperationDescription | null> {
  const { principalId } = operation;
  const own = principalId === caller.userId;
  const [principal] = own
    ? await identitiesOf(transaction, [principalId])
    : await managedPrincipals(transaction, caller, [principalId]);
  if (!principal) return null;
  const whose = own ? "your account" : principalText(principal);
  const lately = own ? [] : changedLately([principal]);
  if (operation.kind === "LinkIdentity")
    return {
      title: `Let an identity provider sign in to ${whose}`,
      details: [{ label: "Provider", value: operation.issuer }, ...lately],
    };
  const link = await transaction.identityLink.findFirst({
    where: { id: operation.linkId, principalId },
    select: { issuer: true, subject: true, address: true },
  });
  if (!link) return null;
  return {
    title: `Unlink an identity from ${whose}`,
    details: [
      { label: "Provider", value: link.issuer },
      { label: "Identity", value: isolated(link.address ?? link.subject) },
      ...lately,
    ],
  };
}
