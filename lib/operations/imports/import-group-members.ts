import type { SpentProof } from "@/lib/authority/spend-proof";
import { powerOfEachToCommit } from "@/lib/authority/standing-rights";
import { outlastingHolders, reachOf } from "@/lib/authority/step-up-reasons";
import { addEdge, type GroupEdge, groupsAbove, parentsOf } from "@/lib/domain/group-graph";
import type { GroupMemberRow } from "@/lib/domain/import-kinds";
import { directAssignmentFailures, type StepUpReason } from "@/lib/domain/policy-rules";
import {
  beyondAuthority,
  distinctPower,
  type HeldPower,
  type Power,
  powerInWords,
  powerNames,
} from "@/lib/domain/power";
import { permissionsOver } from "@/lib/operations/access-of";
import { lockGroupGraph } from "@/lib/operations/add-group-members";
import { endMemberships, type Membership } from "@/lib/operations/end-memberships";
import { type GivingTakes, takesBy } from "@/lib/operations/give-access";
import {
  adds,
  bad,
  type ImportContext,
  type Importer,
  type ImportVerdict,
  takesOut,
  unchanged,
} from "@/lib/operations/imports/importer";
import { findMemberships, keyOf, type Pair } from "@/lib/operations/imports/membership-targets";
import { lockDirectPolicies } from "@/lib/operations/lock-direct-policies";
import { endUnreachedActivations } from "@/lib/operations/manage-principals";
import { revokeStranded } from "@/lib/operations/revoke-stranded-requests";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { checksOf } from "@/lib/platform/recheck";
import { databaseNow } from "@/lib/platform/transaction";

/** What being in a group gives, why the administrator may not decide over it, and what giving it takes. */
interface Belonging {
  readonly access: readonly Power[];
  readonly refused: string | null;
  readonly takes: GivingTakes;
  /** The administrator with every group above them, those that earlier rows put them into too. */
  readonly own: Set<string>;
  /** Whether some of it outlasts the administrator's own authority, eligible access too: asked of what they give themselves. */
  readonly outlastsToOneself: boolean;
}

interface Joining extends Membership {
  readonly proof: SpentProof | null;
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Imports who is in which group, each row judged as if the administrator added the member by hand now
 * (`addGroupMembers`): authority over all that the group and every group above it has, the reason and the proof that
 * their role settings require, no circles. Rows count with those before them: a group that joins another gives its own
 * members what that one has. A row that takes a member out, which no file says but reading it found, takes the
 * authority that doing it by hand takes (`removeGroupMember`).
 */
export const importGroupMembers: Importer<GroupMemberRow> = async (context, items) => {
  const { transaction } = context;
  const targets = await findMemberships(transaction, items);
  const pairs = [...targets.values()].flatMap((target) => (target.pair ? [target.pair] : []));
  const groups = [...new Set(pairs.map(({ group }) => group.id))].sort();
  if (context.write) {
    if (pairs.some(({ member }) => member.type === "Group")) await lockGroupGraph(transaction);
    await transaction.$queryRaw`
      SELECT id FROM principals WHERE id = ANY (${groups}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
  }
  const parents = parentsOf(await groupEdges(transaction));
  const belongingTo = await belongings(context, [
    ...new Set(groups.flatMap((group) => [...groupsAbove(parents, group)])),
  ]);
  const present = await presentOf(transaction, pairs);
  const verdicts: ImportVerdict[] = [];
  const joining: Joining[] = [];
  const leaving: Membership[] = [];
  for (const { number, data } of items) {
    const target = targets.get(number);
    if (!target?.pair) {
      verdicts.push(bad(number, target?.fault ?? "It was not understood."));
      continue;
    }
    const { pair } = target;
    const { group, member } = pair;
    const above = groupsAbove(parents, group.id);
    if (present.has(keyOf(pair)) !== (data.takeOut ?? false)) {
      verdicts.push(unchanged(number));
    } else if (data.takeOut) {
      const { access, refused } = belongingTo(above);
      verdicts.push(judgeLeaving(number, pair, { access, refused }));
      if (refused === null) leaving.push({ group, member, access });
    } else if (member.disabled) {
      verdicts.push(bad(number, `${member.displayName} is disabled.`));
    } else if (above.has(member.id)) {
      verdicts.push(bad(number, circle(pair)));
    } else {
      const belonging = belongingTo(above);
      const verdict = await judge(context, number, pair, belonging, joining);
      verdicts.push(verdict);
      if (verdict.outcome !== "Add" || (context.write && verdict.needsProof)) continue;
      present.add(keyOf(pair));
      if (belonging.own.has(member.id)) for (const id of above) belonging.own.add(id);
      if (member.type === "Group") addEdge(parents, { groupId: group.id, memberId: member.id });
    }
  }
  if (!context.write) return verdicts;
  const { caller, importId, justification } = context;
  if (joining.length > 0) await write(context, joining);
  if (leaving.length > 0)
    await endMemberships(transaction, caller, leaving, { caller, justification, details: { importId } });
  return verdicts;
};

function circle({ group, member }: Pair): string {
  return group.id === member.id
    ? "A group cannot be a member of itself."
    : `${group.displayName} is already in ${member.displayName}, directly or through groups: the other way around would be a circle.`;
}

function judgeLeaving(
  number: number,
  { group, member }: Pair,
  { access, refused }: Pick<Belonging, "access" | "refused">,
): ImportVerdict {
  if (refused !== null) return bad(number, refused);
  const reasons = [
    ...(access.length > 0 ? [`Takes away ${powerInWords(access)}.`] : []),
    ...(member.externalId === null ? ["Has no external id: the file's source may not know of it."] : []),
  ];
  const before = { group: group.displayName, member: member.displayName };
  return takesOut(number, before, reasons.join(" ") || null);
}

async function judge(
  context: ImportContext,
  number: number,
  { group, member }: Pair,
  { access, refused, takes, own, outlastsToOneself }: Belonging,
  joining: Joining[],
): Promise<ImportVerdict> {
  if (refused !== null) return bad(number, refused);
  const toOneself = access.length > 0 && own.has(member.id);
  const always = [
    ...(toOneself ? (["ToOneself"] as const) : []),
    ...(toOneself && outlastsToOneself ? (["OutlastsAuthority"] as const) : []),
  ];
  const stepUp = [...new Set<StepUpReason>([...takes.stepUp, ...always])];
  const proof = stepUp.length > 0 ? await context.proof() : null;
  const failures = directAssignmentFailures(takes, {
    // The dry run has no reason yet: applying asks for one.
    justification: context.write ? context.justification : "-",
    stepUp,
    proved: proof !== null,
  });
  const broken = failures.filter((failure) => failure.rule !== "MfaRule");
  if (broken.length > 0) return bad(number, broken.map((failure) => failure.message).join(" "));
  const needsProof = failures.length > 0;
  if (!needsProof) joining.push({ group, member, access, proof, stepUp });
  const reasons = [
    ...(access.length > 0 ? [`Gives ${powerInWords(access)}.`] : []),
    ...(needsProof ? [`It takes a code: ${failures.map(({ message }) => message).join(" ")}`] : []),
  ];
  const after = { group: group.displayName, member: member.displayName };
  return { ...adds(number, after, reasons.join(" ") || null), needsProof };
}

/**
 * Finds what being in groups gives, by the group and those above it, of all of these. Their settings are locked at
 * once, in one order whatever the order of the rows.
 */
async function belongings(
  { transaction, caller }: ImportContext,
  groupIds: readonly string[],
): Promise<(above: ReadonlySet<string>) => Belonging> {
  const power = await powerOfEachToCommit(transaction, groupIds);
  const held = await permissionsOver(transaction, caller, power);
  const policies = await lockDirectPolicies(
    transaction,
    power.flatMap((each) => (each.assignmentType === "Active" ? [each] : [])),
  );
  const policyOf = new Map(policies.map((each) => [`${each.resourceId} ${each.roleDefinitionId}`, each]));
  const powerOf = new Map<string, HeldPower[]>();
  for (const each of power) powerOf.set(each.holderId, [...(powerOf.get(each.holderId) ?? []), each]);
  const own = await reachOf(transaction, [caller.userId]);
  const outlasting = await outlastingHolders(transaction, caller, groupIds, "Active");
  const outlastingAny = await outlastingHolders(transaction, caller, groupIds, "Any");
  checksOf(transaction).repeat.push(async () => {
    const reach = await reachOf(transaction, [caller.userId]);
    const lasting = await outlastingHolders(transaction, caller, groupIds, "Any");
    return [...reach].every((id) => own.has(id)) && [...lasting].every((id) => outlastingAny.has(id));
  });
  const found = new Map<string, Belonging>();
  return (above) => {
    const key = [...above].sort().join(" ");
    const known = found.get(key);
    if (known) return known;
    const access = distinctPower<Power>([...above].flatMap((id) => powerOf.get(id) ?? []));
    const settings = access.flatMap((each) =>
      each.assignmentType === "Active"
        ? (policyOf.get(`${each.resourceId} ${each.roleDefinitionId}`) ?? [])
        : [],
    );
    const refused = beyondAuthority(access, held)?.message ?? null;
    const bySettings = takesBy(access, settings);
    const lasting = [...above].some((id) => outlasting.has(id));
    const takes = {
      ...bySettings,
      stepUp: [...bySettings.stepUp, ...(lasting ? (["OutlastsAuthority"] as const) : [])],
    };
    const outlastsToOneself = [...above].some((id) => outlastingAny.has(id));
    const belonging = { access, refused, takes, own, outlastsToOneself };
    found.set(key, belonging);
    return belonging;
  };
}

/** Which groups are in which, of all of them. */
async function groupEdges(transaction: Transaction): Promise<GroupEdge[]> {
  return transaction.$queryRaw<GroupEdge[]>`
    SELECT m.group_id AS "groupId", m.member_id AS "memberId" FROM group_members m
    JOIN principals p ON p.id = m.member_id AND p.type = 'Group'`;
}

/** Which of these pairs are so already. */
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
  // What ended with an earlier membership, activations and requests, does not come back with a new one.
  await endUnreachedActivations(transaction, null, memberIds, await databaseNow(transaction));
  await revokeStranded(transaction, null, { principalIds: memberIds });
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
      proof,
      details: {
        importId,
        groupId: group.id,
        groupName: group.displayName,
        memberType: member.type,
        given: powerNames(access),
        accessInWords: powerInWords(access),
        ...(stepUp.length > 0 ? { stepUp } : {}),
      },
    })),
  );
}
