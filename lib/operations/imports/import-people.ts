import { powerByPrincipalToCommit } from "@/lib/authority/standing-rights";
import type { GroupRow, UserRow } from "@/lib/domain/import-kinds";
import { beyondAuthority } from "@/lib/domain/power";
import { permissionsOver } from "@/lib/operations/access-of";
import {
  adds,
  bad,
  changes,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
  staleChange,
  unchanged,
} from "@/lib/operations/imports/importer";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { lowered } from "@/lib/platform/lowered";
import { databaseNow } from "@/lib/platform/transaction";

interface Existing {
  readonly id: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
}

interface Addition {
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly disabledAt: Date | null;
}

interface Edit {
  readonly number: number;
  readonly before: Existing;
  readonly after: { displayName: string; email: string | null; externalId: string | null };
}

/**
 * Imports users: known by their external id, else by their address. Nobody gets a password by it, and nobody is
 * disabled or enabled.
 */
export const importUsers: Importer<UserRow> = async (context, items) => {
  const { transaction } = context;
  const externalIds = items.flatMap(({ data }) => data.externalId ?? []);
  const existing = await load(
    transaction,
    "User",
    externalIds,
    items.map(({ data }) => data.email),
  );
  const taken = await load(transaction, null, externalIds, []);
  const byEmail = new Map(existing.map((user) => [user.email?.toLowerCase(), user]));
  const byExternalId = new Map(existing.map((user) => [user.externalId?.toLowerCase(), user]));
  const others = new Set(taken.filter((each) => !existing.some((user) => user.id === each.id)).map(idKey));
  const now = await databaseNow(transaction);
  const verdicts: ImportVerdict[] = [];
  const additions: Addition[] = [];
  const edits: Edit[] = [];
  for (const item of items) {
    const { number, data } = item;
    const { displayName, email } = data;
    const key = data.externalId?.toLowerCase();
    const same = (key ? byExternalId.get(key) : undefined) ?? byEmail.get(email);
    const holder = byEmail.get(email);
    if (key !== undefined && others.has(key)) {
      verdicts.push(bad(number, "Its id belongs to a group or service principal here."));
    } else if (same && holder && holder.id !== same.id) {
      verdicts.push(bad(number, `The email address belongs to ${holder.displayName} here.`));
    } else if (
      same &&
      key !== undefined &&
      same.externalId !== null &&
      same.externalId.toLowerCase() !== key
    ) {
      verdicts.push(bad(number, `${same.displayName} has this email address here, and another external id.`));
    } else if (same) {
      const after = { displayName, email, externalId: data.externalId ?? same.externalId };
      verdicts.push(compare(context, item, same, after, edits));
    } else {
      const reason = data.enabled ? null : "Disabled there: begins disabled.";
      verdicts.push(adds(number, { displayName, email, externalId: data.externalId }, reason));
      additions.push({
        displayName,
        email,
        externalId: data.externalId,
        disabledAt: data.enabled ? null : now,
      });
    }
  }
  return settle(context, "User", verdicts, additions, edits);
};

/** Imports groups: known by their external id, else by a name that one group without an external id has. */
export const importGroups: Importer<GroupRow> = async (context, items) => {
  const { transaction } = context;
  const externalIds = items.flatMap(({ data }) => data.externalId ?? []);
  const found = await load(transaction, null, externalIds, []);
  const groups = await transaction.principal.findMany({
    where: {
      type: "Group",
      OR: [
        { id: { in: found.map((each) => each.id) } },
        { displayName: { in: items.map(({ data }) => data.displayName) } },
      ],
    },
    select: { id: true, displayName: true, email: true, externalId: true },
  });
  const byExternalId = new Map(groups.map((group) => [group.externalId?.toLowerCase(), group]));
  const others = new Set(found.filter((each) => !groups.some((group) => group.id === each.id)).map(idKey));
  const verdicts: ImportVerdict[] = [];
  const additions: Addition[] = [];
  const edits: Edit[] = [];
  for (const item of items) {
    const { number, data } = item;
    const key = data.externalId?.toLowerCase();
    const named = groups.filter(
      (group) => group.displayName === data.displayName && (key === undefined || group.externalId === null),
    );
    const same = (key ? byExternalId.get(key) : undefined) ?? (named.length === 1 ? named[0] : undefined);
    if (key !== undefined && others.has(key)) {
      verdicts.push(bad(number, "Its id belongs to a user or service principal here."));
    } else if (!same && named.length > 1) {
      verdicts.push(
        bad(number, `${named.length} groups have this name here, and no external id tells them apart.`),
      );
    } else if (same) {
      const after = {
        displayName: data.displayName,
        email: same.email,
        externalId: data.externalId ?? same.externalId,
      };
      verdicts.push(compare(context, item, same, after, edits));
    } else {
      verdicts.push(adds(number, { displayName: data.displayName, externalId: data.externalId }));
      additions.push({ ...data, email: null, disabledAt: null });
    }
  }
  return settle(context, "Group", verdicts, additions, edits);
};

function idKey(each: Existing): string | undefined {
  return each.externalId?.toLowerCase();
}

function load(
  transaction: Transaction,
  type: "User" | null,
  externalIds: readonly string[],
  emails: readonly string[],
): Promise<Existing[]> {
  return transaction.$queryRaw<Existing[]>`
    SELECT id, display_name AS "displayName", email, external_id AS "externalId" FROM principals
    WHERE (${type}::text IS NULL OR type::text = ${type})
      AND (lower(external_id) = ANY (${lowered(externalIds)}) OR (type = 'User' AND lower(email) = ANY (${lowered(emails)})))`;
}

function compare(
  context: ImportContext,
  item: Pick<ImportItem<unknown>, "number" | "shown">,
  before: Existing,
  after: Edit["after"],
  edits: Edit[],
): ImportVerdict {
  const { number } = item;
  const changed = (["displayName", "email", "externalId"] as const).filter(
    (name) => before[name] !== after[name],
  );
  if (changed.length === 0) return unchanged(number);
  const pick = (from: Edit["after"] | Existing) =>
    Object.fromEntries(changed.map((name) => [name, from[name]]));
  const change = changes(number, pick(before), pick(after));
  const stale = staleChange(context, item, change);
  if (stale !== null) return bad(number, stale);
  edits.push({ number, before, after });
  return change;
}

/** Judges the edits that change how somebody is known or signs in, and writes what is to be written. */
async function settle(
  context: ImportContext,
  type: "User" | "Group",
  verdicts: readonly ImportVerdict[],
  additions: readonly Addition[],
  edits: readonly Edit[],
): Promise<ImportVerdict[]> {
  const { transaction, caller, importId } = context;
  const barred = await refusalsOf(context, edits);
  const judged = verdicts.map((verdict) => {
    const refused = barred.get(verdict.number);
    return refused === undefined ? verdict : bad(verdict.number, refused);
  });
  if (!context.write) return judged;
  const made = await transaction.principal.createManyAndReturn({
    data: additions.map((addition) => ({ type, ...addition })),
    select: { id: true, displayName: true, email: true, externalId: true },
  });
  const kept = edits.filter(({ number }) => !barred.has(number));
  for (const { before, after } of kept) {
    await transaction.principal.update({
      where: { id: before.id },
      data: { ...after, version: { increment: 1 } },
    });
  }
  await recordAuditEvents(transaction, [
    ...made.map((principal) => ({
      kind: "PrincipalCreated" as const,
      outcome: "Success" as const,
      caller,
      target: principal,
      details: { importId, type, email: principal.email, externalId: principal.externalId },
    })),
    ...kept.map(({ before, after }) => ({
      kind: "PrincipalUpdated" as const,
      outcome: "Success" as const,
      caller,
      target: { id: before.id, displayName: after.displayName },
      details: {
        importId,
        before: { displayName: before.displayName, email: before.email, externalId: before.externalId },
        after,
      },
    })),
  ]);
  return judged;
}

/** Why the administrator may not change who these are taken for, by the number of the row: their power is beyond theirs. */
async function refusalsOf(
  { transaction, caller }: ImportContext,
  edits: readonly Edit[],
): Promise<Map<number, string>> {
  const power = await powerByPrincipalToCommit(
    transaction,
    edits.map(({ before }) => before.id),
  );
  const held = await permissionsOver(transaction, caller, [...power.values()].flat());
  return new Map(
    edits.flatMap(({ number, before }) => {
      const beyond = beyondAuthority(power.get(before.id) ?? [], held);
      return beyond ? [[number, beyond.message] as const] : [];
    }),
  );
}
