import { breakGlassAccountsAmong } from "@/lib/authority/break-glass-accounts";
import type { GroupRow, UserRow } from "@/lib/domain/imports/import-kinds";
import { externalIdFault } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { adds, asShown, bad, type Importer, type ImportVerdict } from "@/lib/operations/imports/importer";
import { byName, inWords, is, secondRows } from "@/lib/operations/imports/people-rows";
import { lockPrincipals } from "@/lib/operations/imports/principal-targets";
import { type Addition, compare, type Edit, settle } from "@/lib/operations/imports/settle-people";
import { groupsNamed } from "@/lib/operations/people/refuse-taken-names";
import { lockNames } from "@/lib/platform/sql/name-keys";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Imports users, identified by their external id, otherwise by their address. It creates no passwords,
 * disables and enables nobody, and does not change break-glass accounts.
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
      const reason = data.enabled ? null : "Disabled there, so it starts disabled.";
      const about = { principals: [], facts: { enabled: data.enabled } };
      const verdict = adds(number, about, { displayName, email, externalId }, reason);
      verdicts.push(asShown(context, item, verdict));
      if (verdicts.at(-1)?.outcome === "Add")
        additions.push({ displayName, email, externalId, disabledAt: data.enabled ? null : now });
    }
  }
  return settle(context, "User", verdicts, additions, edits);
};

/** Imports groups, identified by their external id, otherwise by the name of a group that has no external id. */
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
        bad(number, `${nameless.length} groups have this name here, and no external id distinguishes them.`),
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
