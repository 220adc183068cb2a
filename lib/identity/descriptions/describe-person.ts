import { may, rootResource } from "@/lib/authority/authority";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { resetInWords } from "@/lib/domain/people/factor-reset";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import { changedLately, membersInWords } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

type Of<Kind extends ProtectedOperation["kind"]> = Extract<ProtectedOperation, { kind: Kind }>;

/** The principals of these ids, for a caller who may manage people. Nobody else gets any. */
async function managedPrincipals(
  transaction: Transaction,
  caller: Caller,
  ids: readonly string[],
): Promise<PrincipalIdentity[]> {
  const root = await rootResource(transaction);
  if (!(await may(transaction, caller.userId, action.writePrincipals, root.id))) return [];
  return identitiesOf(transaction, ids);
}

/**
 * Describes operations that give a principal's access back to somebody or to another person, and
 * operations that keep them from losing it.
 */
export async function describePerson(
  transaction: Transaction,
  caller: Caller,
  operation: Of<
    | "EnablePrincipal"
    | "IssueSignIn"
    | "IssueFactorPass"
    | "ResetAuthenticator"
    | "ConfirmFactorReset"
    | "NameBreakGlassAccount"
    | "RemoveBreakGlassAccount"
  >,
): Promise<OperationDescription | null> {
  const [principal] = await managedPrincipals(transaction, caller, [operation.principalId]);
  if (!principal) return null;
  const name = principalText(principal);
  const titles = {
    EnablePrincipal: `Enable ${name}, and restore the access`,
    IssueSignIn: `Issue a new sign-in to ${name}`,
    IssueFactorPass: `Make a one-time pass for ${name}`,
    ResetAuthenticator: `Reset the second factors of ${name}`,
    ConfirmFactorReset: `Confirm the reset of the second factors of ${name}`,
    NameBreakGlassAccount: `Make ${name} a break-glass account`,
    RemoveBreakGlassAccount: `Take ${name} off the list of break-glass accounts`,
  };
  const more = await moreOf(transaction, operation);
  return more && { title: titles[operation.kind], details: [...changedLately([principal]), ...more] };
}

/** How long a pass is valid, and what happens with a reset. Null if there is no such reset. */
async function moreOf(
  transaction: Transaction,
  operation: Parameters<typeof describePerson>[2],
): Promise<OperationDescription["details"] | null> {
  switch (operation.kind) {
    case "IssueFactorPass":
      return [{ label: "Valid for", value: minutesInWords(operation.hours * 60) }];
    case "ResetAuthenticator":
      return [{ label: "Takes effect", value: resetInWords(await readSignInRules(transaction)) }];
    case "ConfirmFactorReset": {
      const reset = await transaction.factorReset.findFirst({
        where: { id: operation.resetId, userId: operation.principalId, endedAt: null },
        select: { delayHours: true, askedById: true },
      });
      if (!reset) return null;
      const rules = { resetDelayHours: reset.delayHours, resetTakesTwo: false };
      const [asker] = await identitiesOf(transaction, [reset.askedById]);
      return [
        { label: "Asked for by", value: asker ? principalText(asker) : "" },
        { label: "Takes effect", value: resetInWords(rules) },
      ];
    }
    default:
      return [];
  }
}

/** Describes who joins a group and gets its access. */
export async function describeNewMembers(
  transaction: Transaction,
  caller: Caller,
  { groupId, memberIds }: Of<"AddGroupMembers">,
): Promise<OperationDescription | null> {
  const names = await managedPrincipals(transaction, caller, [groupId, ...memberIds]);
  const group = names.find((each) => each.id === groupId);
  if (!group || names.length < 2) return null;
  return {
    title: `Add to ${principalText(group)}, and give its access to the new members`,
    details: [...changedLately([group]), membersInWords(names.filter((each) => each !== group))],
  };
}

/** Describes who becomes somebody's manager. */
export async function describeManager(
  transaction: Transaction,
  caller: Caller,
  { userId, managerId }: Of<"SetManager">,
): Promise<OperationDescription | null> {
  const found = await managedPrincipals(transaction, caller, [userId, managerId]);
  const [user, manager] = [userId, managerId].map((id) => found.find((each) => each.id === id));
  if (!user || !manager) return null;
  return {
    title: `Make ${principalText(manager)} the manager of ${principalText(user)}`,
    details: changedLately([manager, user]),
  };
}

/**
 * Describes a change of a principal's address or external id, or of a group's name. The new value comes
 * first, since the line above the code may not have room for everything.
 */
export async function describeIdentifiers(
  transaction: Transaction,
  caller: Caller,
  { principalId, from, to }: Of<"ChangeIdentifiers">,
): Promise<OperationDescription | null> {
  const [principal] = await managedPrincipals(transaction, caller, [principalId]);
  if (!principal) return null;
  const change = (label: string, before: string | null, after: string | null) =>
    before === after
      ? []
      : [{ label, value: `${isolated(after ?? "none")} instead of ${isolated(before ?? "none")}` }];
  const changes = [
    ...change("Name", from.groupName, to.groupName),
    ...change("Email", from.email, to.email),
    ...change("External id", from.externalId, to.externalId),
  ];
  const labels = changes.map(({ label }) => label.toLowerCase()).join(" and ");
  return {
    title: `Change the ${labels} of ${principalText(principal)}`,
    details: [...changes, ...changedLately([principal])],
  };
}

/** Describes a link to an identity provider, for oneself or another person. */
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
