import { type GroupEdge, groupsAbove } from "@/lib/domain/group-graph";
import type { GroupMemberRow } from "@/lib/domain/import-kinds";
import { directAssignmentFailures } from "@/lib/domain/policy-rules";
import type { RoleSettings } from "@/lib/domain/role-settings";
import { accessInWords, accessNames, powerOf } from "@/lib/operations/access-of";
import { lockGroupGraph } from "@/lib/operations/add-group-members";
import { givingTakes } from "@/lib/operations/give-access";
import {
  adds,
  bad,
  type ImportContext,
  type Importer,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import { type FoundPrincipal, findMemberships } from "@/lib/operations/imports/membership-targets";
import { lockDirectPolicies } from "@/lib/operations/lock-direct-policies";
import { endUnreachedActivations } from "@/lib/operations/manage-principals";
import { Refusal } from "@/lib/operations/refusal";
import type { SpentProof } from "@/lib/operations/spend-proof";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** What joining a group gives, and takes of whoever lets somebody join; or why the administrator may not. */
type Joining =
  | { readonly refused: string }
  | {
      readonly refused: null;
      readonly access: Awaited<ReturnType<typeof powerOf>>;
      readonly takes: Pick<RoleSettings, "assignmentRequiresMfa" | "assignmentRequiresJustification">;
    };

interface Ready {
  readonly group: FoundPrincipal;
  readonly member: FoundPrincipal;
  readonly access: Awaited<ReturnType<typeof powerOf>>;
  readonly proof: SpentProof | null;
}

/**
 * Imports who is in which group, each row judged as if the administrator added the member by hand now
 * (`addGroupMembers`): authority over all that the group and every group above it has, the reason and the proof that
 * their role settings require, no circles. Rows count with those before them: a group that joins another gives its own
 * members what that one has. Nobody is taken out of a group.
 */
export const importGroupMembers: Importer<GroupMemberRow> = async (context, items) => {
  const { transaction } = context;
  const targets = await findMemberships(transaction, items);
  const pairs = [...targets.values()].filter((target) => typeof target !== "string");
  const groups = [...new Map(pairs.map(({ group }) => [group.id, group])).values()];
  if (context.write) {
    if (pairs.some(({ member }) => member.type === "Group")) await lockGroupGraph(transaction);
    await transaction.$queryRaw`
      SELECT id FROM principals WHERE id = ANY (${groups.map(({ id }) => id)}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
  }
  // All of their settings at once, so that they are locked in one order whatever the order of the rows.
  const given = await powerOf(
    transaction,
    groups.map(({ id }) => id),
  );
  await lockDirectPolicies(
    transaction,
    given.filter((each) => each.assignmentType === "Active"),
  );
  const edges = await groupEdges(transaction);
  const present = await membershipsOf(transaction, groups);
  const joinings = new Map<string, Joining>();
  const verdicts: ImportVerdict[] = [];
  const ready: Ready[] = [];
  for (const { number } of items) {
    const target = targets.get(number);
    if (target === undefined || typeof target === "string") {
      verdicts.push(bad(number, target ?? "It was not understood."));
      continue;
    }
    const { group, member } = target;
    const pair = `${group.id} ${member.id}`;
    const above = groupsAbove(edges, group.id);
    if (present.has(pair)) {
      verdicts.push(unchanged(number));
      continue;
    }
    if (member.disabled) {
      verdicts.push(bad(number, `${member.displayName} is disabled.`));
      continue;
    }
    if (above.has(member.id)) {
      verdicts.push(bad(number, circle(group, member)));
      continue;
    }
    const key = [...above].sort().join(" ");
    const joining = joinings.get(key) ?? (await joiningOf(context, [...above]));
    joinings.set(key, joining);
    const verdict = await judge(context, number, target, joining, ready);
    verdicts.push(verdict);
    if (verdict.outcome !== "Add" || (context.write && verdict.needsProof)) continue;
    present.add(pair);
    if (member.type === "Group") edges.push({ groupId: group.id, memberId: member.id });
  }
  if (ready.length > 0) await write(context, ready);
  return verdicts;
};

function circle(group: FoundPrincipal, member: FoundPrincipal): string {
  return group.id === member.id
    ? "A group cannot be a member of itself."
    : `${group.displayName} is already in ${member.displayName}, directly or through groups: the other way around would be a circle.`;
}

async function judge(
  context: ImportContext,
  number: number,
  { group, member }: { readonly group: FoundPrincipal; readonly member: FoundPrincipal },
  joining: Joining,
  ready: Ready[],
): Promise<ImportVerdict> {
  if (joining.refused !== null) return bad(number, joining.refused);
  const { access, takes } = joining;
  const proof = takes.assignmentRequiresMfa ? await context.proof() : null;
  const failures = directAssignmentFailures(takes, {
    // The dry run has no reason yet: applying asks for one.
    justification: context.write ? context.justification : "-",
    proved: proof !== null,
  });
  const refused = failures.filter((failure) => failure.rule !== "MfaRule");
  if (refused.length > 0) return bad(number, refused.map((failure) => failure.message).join(" "));
  const needsProof = failures.length > 0;
  if (context.write && !needsProof) ready.push({ group, member, access, proof });
  const reasons = [
    ...(access.length > 0 ? [`Gives ${accessInWords(access)}.`] : []),
    ...(needsProof ? ["It takes a code, as the role settings require MFA on direct assignment."] : []),
  ];
  const after = { group: group.displayName, member: member.displayName };
  return { ...adds(number, after, reasons.join(" ") || null), needsProof };
}

/** What joining a group gives that is in all of these, itself among them. */
async function joiningOf(context: ImportContext, above: readonly string[]): Promise<Joining> {
  const { transaction, caller, importId } = context;
  const access = await powerOf(transaction, above);
  try {
    const entry = { kind: "GroupMemberAdded" as const, caller, details: { importId } };
    return { refused: null, access, takes: await givingTakes(transaction, caller, access, entry) };
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.error.code === "AuthorizationFailed")
      return { refused: thrown.error.message };
    throw thrown;
  }
}

/** Which groups are in which, of all of them. */
async function groupEdges(transaction: Transaction): Promise<GroupEdge[]> {
  return transaction.$queryRaw<GroupEdge[]>`
    SELECT m.group_id AS "groupId", m.member_id AS "memberId" FROM group_members m
    JOIN principals p ON p.id = m.member_id AND p.type = 'Group'`;
}

async function membershipsOf(
  transaction: Transaction,
  groups: readonly FoundPrincipal[],
): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ pair: string }[]>`
    SELECT group_id || ' ' || member_id AS pair FROM group_members
    WHERE group_id = ANY (${groups.map(({ id }) => id)}::uuid[])`;
  return new Set(rows.map(({ pair }) => pair));
}

async function write(context: ImportContext, ready: readonly Ready[]): Promise<void> {
  const { transaction, caller, importId, justification } = context;
  const memberIds = [...new Set(ready.map(({ member }) => member.id))];
  // An activation that ended with an earlier membership does not come back with a new one.
  await endUnreachedActivations(transaction, memberIds, await databaseNow(transaction));
  await transaction.groupMember.createMany({
    data: ready.map(({ group, member }) => ({ groupId: group.id, memberId: member.id })),
  });
  await recordAuditEvents(
    transaction,
    ready.map(({ group, member, access, proof }) => ({
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
        given: accessNames(access),
        accessInWords: accessInWords(access),
      },
    })),
  );
}
