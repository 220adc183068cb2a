import { privilegesByPrincipalUntilCommit } from "@/lib/authority/rights-until-commit";
import { beyondAuthority, permissionsToGrant } from "@/lib/domain/gate/privileges";
import { isolated } from "@/lib/domain/text/visible-text";
import { permissionsOver } from "@/lib/operations/gate/require-authority";
import {
  asShown,
  bad,
  changes,
  type ImportContext,
  type ImportItem,
  type ImportProof,
  type ImportVerdict,
  proofAge,
  recorded,
  unchanged,
} from "@/lib/operations/imports/importer";
import { aboutPerson, is, ownedFault } from "@/lib/operations/imports/people-rows";
import type { KnownPrincipal } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvents } from "@/lib/platform/audit-log";

/** Somebody who is added. */
export interface Addition {
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly disabledAt: Date | null;
}

/** A change of somebody who is known. */
export interface Edit {
  readonly number: number;
  readonly before: KnownPrincipal;
  readonly after: { displayName: string; email: string | null; externalId: string | null };
  /** Whether it changes what files identify them by (address, external id, or a group's name), which requires a proof. */
  readonly identifies: boolean;
}

/** What a row changes about a known principal. */
export function compare(
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
  if (verdict.outcome !== "Change") return verdict;
  const elsewhere = changed.some((name) => name !== "displayName");
  const renamed = before.type === "Group" && !is(before.displayName, after.displayName);
  edits.push({ number, before, after, identifies: elsewhere || renamed });
  if (elsewhere) return { ...verdict, reason: identifiesReason };
  return renamed ? { ...verdict, reason: renamesReason } : verdict;
}

/**
 * Address and external id decide where notices and sign-ins go, and whom later files mean. The author of a file must
 * not change them unnoticed, so the administrator confirms the change with a code (docs/decisions/imports.md).
 */
const identifiesReason = "It changes an address or external id. This takes a second factor.";
/** The same for a group's name: lists of members name groups by it, so the next list would mean another group. */
const renamesReason = "Lists of members may mean a group by its name. Changing it takes a second factor.";

/** Judges the edits that change a principal's names or sign-in, and writes them. */
export async function settle(
  context: ImportContext,
  type: "User" | "Group",
  verdicts: readonly ImportVerdict[],
  additions: readonly Addition[],
  edits: readonly Edit[],
): Promise<ImportVerdict[]> {
  const { transaction, caller, importId } = context;
  const barred = await refusalsOf(context, edits);
  const identifying = new Set(edits.flatMap(({ number, identifies }) => (identifies ? [number] : [])));
  const proof: ImportProof | null = identifying.size > 0 ? await context.proof() : null;
  const judged = verdicts.map((verdict) => {
    const refused = barred.get(verdict.number);
    if (refused !== undefined) return bad(verdict.number, refused, verdict.about);
    return identifying.has(verdict.number) && proof === null ? { ...verdict, needsProof: true } : verdict;
  });
  if (!context.write) return judged;
  const made = await transaction.principal.createManyAndReturn({
    data: additions.map((addition) => ({ type, ...addition })),
    select: { id: true, displayName: true, email: true, externalId: true },
  });
  const kept = edits.filter(
    ({ number, identifies }) => !barred.has(number) && (!identifies || proof !== null),
  );
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
    ...kept.map(({ before, after, identifies }) => ({
      kind: "PrincipalUpdated" as const,
      outcome: "Success" as const,
      caller,
      proof: identifies ? recorded(proof) : null,
      target: { id: before.id, displayName: after.displayName },
      details: {
        ...(identifies ? proofAge(proof) : {}),
        importId,
        before: { displayName: before.displayName, email: before.email, externalId: before.externalId },
        after,
      },
    })),
  ]);
  return judged;
}

/**
 * Why the administrator may not change the names of these principals, by the row's number: their
 * privileges exceed the administrator's authority.
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
