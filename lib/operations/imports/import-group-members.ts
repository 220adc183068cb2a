import { directAssignmentFailures, proofNeeded, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import {
  type Privilege,
  privilegeKey,
  privilegeNames,
  privilegesInWords,
} from "@/lib/domain/gate/privileges";
import type { GroupMemberRow } from "@/lib/domain/imports/import-kinds";
import { addEdge, type GroupEdge, groupsAbove, parentsOf } from "@/lib/domain/people/group-graph";
import { isolated } from "@/lib/domain/text/visible-text";
import { type GroupGrants, grantsOfGroups } from "@/lib/operations/imports/grants-of-groups";
import {
  type About,
  adds,
  asShown,
  bad,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportProof,
  type ImportVerdict,
  proofAge,
  recorded,
  removesMembers,
  unchanged,
} from "@/lib/operations/imports/importer";
import { findMemberships, keyOf, type Pair } from "@/lib/operations/imports/membership-targets";
import { ownedFault } from "@/lib/operations/imports/people-rows";
import { aboutPrincipal, lockPrincipals } from "@/lib/operations/imports/principal-targets";
import { type Adding, refuseConflicting } from "@/lib/operations/imports/refuse-conflicting";
import { lockGroupGraph } from "@/lib/operations/people/add-group-members";
import { endMemberships, type Membership } from "@/lib/operations/people/end-memberships";
import { endUnreachedActivations } from "@/lib/operations/people/manage-principals";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

interface Joining extends Membership {
  readonly number: number;
  readonly proof: ImportProof | null;
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Imports group members. Each row is judged as if the administrator added the member by hand now
 * (`addGroupMembers`): authority over everything that the group and every group above it has, the
 * reason and proof that the role settings require, and no circles. Earlier rows count: a group that
 * joins another passes what that one has on to its own members. A row that removes a member because the
 * file does not list them requires what removing by hand does (`removeGroupMember`).
 */
export const importGroupMembers: Importer<GroupMemberRow> = async (context, items) => {
  const { transaction } = context;
  // The lock on the graph of groups comes before those on principals. Which groups the rows add to
  // groups is known only later.
  if (context.write) {
    await lockGroupGraph(transaction);
    const names = items.flatMap(({ data }) => [data.group, data.member]);
    await lockPrincipals(transaction, "alone", names, names);
  }
  const targets = await findMemberships(transaction, items);
  const pairs = [...targets.values()].flatMap((target) => (target.pair ? [target.pair] : []));
  const groups = [...new Set(pairs.map(({ group }) => group.id))].sort();
  const parents = parentsOf(await groupEdges(transaction));
  const belongingTo = await grantsOfGroups(context, [
    ...new Set(groups.flatMap((group) => [...groupsAbove(parents, group)])),
  ]);
  const present = await presentOf(transaction, pairs);
  const verdicts: ImportVerdict[] = [];
  const joining: Joining[] = [];
  const adding: Adding[] = [];
  const leaving: Membership[] = [];
  for (const item of items) {
    const { number, data } = item;
    const target = targets.get(number);
    if (!target?.pair) {
      verdicts.push(bad(number, target?.fault ?? "It was not understood."));
      continue;
    }
    const { pair } = target;
    const { group, member } = pair;
    const above = groupsAbove(parents, group.id);
    if (present.has(keyOf(pair)) !== (data.removeMembers ?? false)) {
      verdicts.push(unchanged(number, aboutPair(pair, [])));
    } else if (group.directoryName !== null) {
      verdicts.push(bad(number, ownedFault(group) ?? "", aboutPair(pair, [])));
    } else if (data.removeMembers) {
      const { access, refused } = belongingTo(above);
      const verdict = asShown(context, item, judgeLeaving(number, pair, { access, refused }));
      verdicts.push(verdict);
      if (verdict.outcome === "Remove") leaving.push({ group, member, access });
    } else if (member.disabled) {
      verdicts.push(bad(number, `${isolated(member.displayName)} is disabled.`, aboutPair(pair, [])));
    } else if (above.has(member.id)) {
      verdicts.push(bad(number, circle(pair), aboutPair(pair, [])));
    } else {
      const belonging = belongingTo(above);
      const verdict = await judge(context, item, pair, belonging, joining);
      verdicts.push(verdict);
      if (verdict.outcome !== "Add" || (context.write && verdict.needsProof)) continue;
      adding.push({
        index: verdicts.length - 1,
        joining: { groupId: group.id, memberId: member.id },
      });
      present.add(keyOf(pair));
      if (belonging.own.has(member.id)) for (const id of above) belonging.own.add(id);
      if (member.type === "Group") addEdge(parents, { groupId: group.id, memberId: member.id });
    }
  }
  const conflicting = await refuseConflicting(context, adding, verdicts);
  if (!context.write) return verdicts;
  const { caller, importId, justification } = context;
  const allowed = joining.filter(({ number }) => !conflicting.has(number));
  if (allowed.length > 0) await write(context, allowed);
  if (leaving.length > 0)
    await endMemberships(transaction, caller, leaving, { caller, justification, details: { importId } });
  return verdicts;
};

function circle({ group, member }: Pair): string {
  return group.id === member.id
    ? "A group cannot be a member of itself."
    : `${isolated(group.displayName)} is already in ${isolated(member.displayName)}, directly or through groups. The other way around would be a circle.`;
}

function aboutPair({ group, member }: Pair, given: readonly string[]): About {
  return {
    principals: [aboutPrincipal("Member", member), aboutPrincipal("Group", group)],
    facts: { given },
  };
}

/**
 * What a member would get, as the dry run showed it, unless it is more than that. It may be less now, because earlier
 * rows that were left out may have given the group more. If it is more than was shown, the row is refused.
 */
function grantedAsShown(access: readonly Privilege[], item: ImportItem<GroupMemberRow>): readonly string[] {
  const given = access.map(privilegeKey).sort();
  const shown = item.shown?.about?.facts.given;
  return Array.isArray(shown) && given.every((each) => shown.includes(each)) ? shown : given;
}

function judgeLeaving(
  number: number,
  pair: Pair,
  { access, refused }: Pick<GroupGrants, "access" | "refused">,
): ImportVerdict {
  const { group, member } = pair;
  const about = aboutPair(pair, []);
  if (refused !== null) return bad(number, refused, about);
  const reasons = [
    ...(access.length > 0 ? [`Removes ${privilegesInWords(access)}.`] : []),
    ...(member.externalId === null
      ? ["It has no external id, so the source of the file may not know it."]
      : []),
  ];
  const before = { group: group.displayName, member: member.displayName };
  return removesMembers(number, about, before, reasons.join(" ") || null);
}

async function judge(
  context: ImportContext,
  item: ImportItem<GroupMemberRow>,
  pair: Pair,
  { access, refused, takes, own, outlastsToOneself }: GroupGrants,
  joining: Joining[],
): Promise<ImportVerdict> {
  const { number } = item;
  const { group, member } = pair;
  const about = aboutPair(pair, grantedAsShown(access, item));
  if (refused !== null) return bad(number, refused, about);
  const toOneself = access.length > 0 && own.has(member.id);
  const always = [
    ...(toOneself ? (["ToOneself"] as const) : []),
    ...(toOneself && outlastsToOneself ? (["OutlastsAuthority"] as const) : []),
  ];
  const stepUp = [...new Set<StepUpReason>([...takes.stepUp, ...always])];
  const proof = stepUp.length > 0 ? await context.proof() : null;
  const failures = directAssignmentFailures(takes, {
    // The dry run has no reason yet. Applying requires one.
    justification: context.write ? context.justification : "-",
    stepUp,
    provedBy: proof?.method ?? null,
  });
  const broken = failures.filter((failure) => failure.rule !== "MfaRule");
  if (broken.length > 0) return bad(number, broken.map((failure) => failure.message).join(" "), about);
  const { needsProof, needsResistant } = proofNeeded(failures);
  const reasons = [
    ...(access.length > 0 ? [`Gives ${privilegesInWords(access)}.`] : []),
    ...(needsProof ? [`It needs a second factor: ${failures.map(({ message }) => message).join(" ")}`] : []),
  ];
  const after = { group: group.displayName, member: member.displayName };
  const verdict = asShown(context, item, adds(number, about, after, reasons.join(" ") || null));
  if (verdict.outcome !== "Add") return verdict;
  if (!needsProof) joining.push({ number, group, member, access, proof, stepUp });
  return { ...verdict, needsProof, needsResistant };
}

/** All memberships of groups in groups. */
async function groupEdges(transaction: Transaction): Promise<GroupEdge[]> {
  return transaction.$queryRaw<GroupEdge[]>`
    SELECT m.group_id AS "groupId", m.member_id AS "memberId" FROM group_members m
    JOIN principals p ON p.id = m.member_id AND p.type = 'Group'`;
}

/** Those of the pairs that exist already. */
async function presentOf(transaction: Transaction, pairs: readonly Pair[]): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ pair: string }[]>`
    SELECT group_id || ' ' || member_id AS pair FROM group_members
    WHERE (group_id, member_id) IN (SELECT * FROM unnest(
      ${pairs.map(({ group }) => group.id)}::uuid[], ${pairs.map(({ member }) => member.id)}::uuid[]))`;
  return new Set(rows.map(({ pair }) => pair));
}

async function write(context: ImportContext, joining: readonly Joining[]): Promise<void> {
  const { transaction, caller, importId, justification } = context;
  const memberIds = [...new Set(joining.map(({ member }) => member.id))];
  // A new membership does not restore activations and requests that ended with an earlier one.
  await endUnreachedActivations(transaction, null, memberIds, await databaseNow(transaction));
  await revokeOrphaned(transaction, null, { principalIds: memberIds });
  await transaction.groupMember.createMany({
    data: joining.map(({ group, member }) => ({ groupId: group.id, memberId: member.id })),
  });
  await recordAuditEvents(
    transaction,
    joining.map(({ group, member, access, proof, stepUp }) => ({
      kind: "GroupMemberAdded" as const,
      outcome: "Success" as const,
      caller,
      target: member,
      justification,
      proof: recorded(proof),
      details: {
        importId,
        groupId: group.id,
        groupName: group.displayName,
        memberType: member.type,
        given: privilegeNames(access),
        accessInWords: privilegesInWords(access),
        ...(stepUp.length > 0 ? { stepUp } : {}),
        ...proofAge(proof),
      },
    })),
  );
}
