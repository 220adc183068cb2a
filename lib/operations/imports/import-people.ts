import { breakGlassAccountsAmong } from "@/lib/authority/break-glass-accounts";
import { privilegesByPrincipalUntilCommit } from "@/lib/authority/rights-until-commit";
import { beyondAuthority, permissionsToGrant } from "@/lib/domain/gate/privileges";
import type { GroupRow, UserRow } from "@/lib/domain/imports/import-kinds";
import { externalIdFault } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { permissionsOver } from "@/lib/operations/gate/require-authority";
import {
  adds,
  asShown,
  bad,
  changes,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import {
  aboutPerson,
  byName,
  inWords,
  is,
  ownedFault,
  secondRows,
} from "@/lib/operations/imports/people-rows";
import { lockPrincipals } from "@/lib/operations/imports/principal-targets";
import { groupsNamed, type KnownPrincipal } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import { lockNames } from "@/lib/platform/sql/name-keys";
import { databaseNow } from "@/lib/platform/transaction";

interface Addition {
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly disabledAt: Date | null;
}

interface Edit {
  readonly number: number;
  readonly before: KnownPrincipal;
  readonly after: { displayName: string; email: string | null; externalId: string | null };
}

/**
 * Imports users, identified by their external id, else by their address. It creates no password, neither disables nor
 * enables anybody, and leaves break-glass accounts as they are.
 */
export const importUsers: Importer<UserRow> = async (context, items) => {
  const { transaction } = context;
  const names = items.flatMap(({ data }) => [
    data.email,
    ...(data.externalId === null ? [] : [data.externalId]),
  ]);
  if (context.write) await lockPrincipals(transaction, "alone", names, []);
  const known = await byName(transaction, names);
  const here = names.flatMap(known).map(({ id }) => id);
  const breakGlass = await breakGlassAccountsAmong(transaction, here);
  const now = await databaseNow(transaction);
  const verdicts: ImportVerdict[] = [];
  const additions: Addition[] = [];
  const edits: Edit[] = [];
  const second = secondRows();
  for (const item of items) {
    const { number, data } = item;
    const { displayName, email, externalId } = data;
    const byId = externalId === null ? [] : known(externalId);
    const byEmail = known(email);
    const same =
      byId.find((each) => each.type === "User" && is(each.externalId, externalId)) ??
      byEmail.find((each) => each.type === "User" && is(each.email, email));
    const other = byId.find(({ id }) => id !== same?.id);
    const holder = byEmail.find(({ id }) => id !== same?.id);
    const wrongId = is(same?.externalId ?? null, externalId) ? null : externalIdFault({ email, externalId });
    if (other) {
      verdicts.push(bad(number, `Its id belongs to ${inWords(other)} here.`));
    } else if (wrongId !== null) {
      verdicts.push(bad(number, `id: ${wrongId}`));
    } else if (holder) {
      verdicts.push(bad(number, `The email address belongs to ${inWords(holder)} here.`));
    } else if (same && externalId !== null && same.externalId !== null && !is(same.externalId, externalId)) {
      verdicts.push(
        bad(number, `${isolated(same.displayName)} has this email address here, and another external id.`),
      );
    } else if (same) {
      const after = { displayName, email, externalId: externalId ?? same.externalId };
      verdicts.push(second(number, same) ?? compare(context, item, same, after, edits, breakGlass));
    } else {
      const reason = data.enabled ? null : "Disabled there: begins disabled.";
      const about = { principals: [], facts: { enabled: data.enabled } };
      const verdict = adds(number, about, { displayName, email, externalId }, reason);
      verdicts.push(asShown(context, item, verdict));
      if (verdicts.at(-1)?.outcome === "Add")
        additions.push({ displayName, email, externalId, disabledAt: data.enabled ? null : now });
    }
  }
  return settle(context, "User", verdicts, additions, edits);
};

/** Imports groups, identified by their external id, else by the name of one group without an external id. */
export const importGroups: Importer<GroupRow> = async (context, items) => {
  const { transaction } = context;
  const names = items.map(({ data }) => data.displayName);
  const externalIds = items.flatMap(({ data }) => data.externalId ?? []);
  if (context.write) {
    await lockPrincipals(transaction, "alone", externalIds, names);
    await lockNames(transaction, "group", names);
  }
  const known = await byName(transaction, externalIds);
  const groups = await groupsNamed(transaction, names);
  const verdicts: ImportVerdict[] = [];
  const additions: Addition[] = [];
  const edits: Edit[] = [];
  const second = secondRows();
  for (const item of items) {
    const { number, data } = item;
    const { displayName, externalId } = data;
    const byId = externalId === null ? [] : known(externalId);
    const named = groups.filter((group) => is(group.displayName, displayName));
    const nameless = named.filter((group) => externalId === null || group.externalId === null);
    const same =
      byId.find((each) => each.type === "Group" && is(each.externalId, externalId)) ??
      (nameless.length === 1 ? nameless[0] : undefined);
    const other = byId.find(({ id }) => id !== same?.id);
    const twin = named.find(({ id }) => id !== same?.id);
    const wrongId = is(same?.externalId ?? null, externalId)
      ? null
      : externalIdFault({ email: null, externalId });
    if (other) {
      verdicts.push(bad(number, `Its id belongs to ${inWords(other)} here.`));
    } else if (wrongId !== null) {
      verdicts.push(bad(number, `id: ${wrongId}`));
    } else if (!same && nameless.length > 1) {
      verdicts.push(
        bad(number, `${nameless.length} groups have this name here, and no external id tells them apart.`),
      );
    } else if (twin && !(same && is(same.displayName, displayName))) {
      verdicts.push(bad(number, `There is already a group named ${isolated(twin.displayName)}.`));
    } else if (same) {
      const after = { displayName, email: same.email, externalId: externalId ?? same.externalId };
      verdicts.push(second(number, same) ?? compare(context, item, same, after, edits));
    } else {
      const about = { principals: [], facts: {} };
      verdicts.push(asShown(context, item, adds(number, about, { displayName, externalId })));
      if (verdicts.at(-1)?.outcome === "Add") additions.push({ ...data, email: null, disabledAt: null });
    }
  }
  return settle(context, "Group", verdicts, additions, edits);
};

function compare(
  context: ImportContext,
  item: Pick<ImportItem<unknown>, "number" | "shown">,
  before: KnownPrincipal,
  after: Edit["after"],
  edits: Edit[],
  breakGlass: ReadonlySet<string> = new Set(),
): ImportVerdict {
  const { number } = item;
  const changed = (["displayName", "email", "externalId"] as const).filter(
    (name) => before[name] !== after[name],
  );
  const about = aboutPerson(before);
  if (changed.length === 0) return unchanged(number, about);
  const owned = ownedFault(before);
  if (owned !== null) return bad(number, owned, about);
  if (breakGlass.has(before.id)) {
    const kept = "is a break-glass account, which an import does not change. Change it on its own page.";
    return bad(number, `${isolated(before.displayName)} ${kept}`, about);
  }
  const pick = (from: Edit["after"] | KnownPrincipal) =>
    Object.fromEntries(changed.map((name) => [name, from[name]]));
  const verdict = asShown(context, item, changes(number, about, pick(before), pick(after)));
  if (verdict.outcome === "Change") edits.push({ number, before, after });
  return verdict;
}

/** Judges the edits that change a principal's names or sign-in, and writes them. */
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
    return refused === undefined ? verdict : bad(verdict.number, refused, verdict.about);
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

/**
 * Why the administrator may not change who these are taken for, by the row's number: their privileges exceed the
 * administrator's authority.
 */
async function refusalsOf(
  { transaction, caller, takes }: ImportContext,
  edits: readonly Edit[],
): Promise<Map<number, string>> {
  const privileges = await privilegesByPrincipalUntilCommit(
    transaction,
    edits.map(({ before }) => before.id),
  );
  const all = [...privileges.values()].flat();
  for (const each of all)
    for (const action of permissionsToGrant(each)) takes({ resourceId: each.resourceId, action });
  const held = await permissionsOver(transaction, caller, all);
  return new Map(
    edits.flatMap(({ number, before }) => {
      const beyond = beyondAuthority(privileges.get(before.id) ?? [], held);
      return beyond ? [[number, beyond.message] as const] : [];
    }),
  );
}
