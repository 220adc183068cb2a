import { rootResource } from "@/lib/authority/authority";
import type { FileRow, ImportKind } from "@/lib/domain/imports/import-kinds";
import { gatherRights, type ImportRight } from "@/lib/domain/imports/import-rights";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import {
  type ImportContext,
  type ImportVerdict,
  rehearsedProof,
  withoutMade,
} from "@/lib/operations/imports/importer";
import { madeByImport } from "@/lib/operations/imports/made-by-import";
import { findMissingMembers, lastNumber, type MissingMember } from "@/lib/operations/imports/missing-members";
import { runImporter } from "@/lib/operations/imports/run-importer";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { forgetPlans } from "@/lib/platform/sql/forget-plans";
import { databaseNow, inRehearsal } from "@/lib/platform/transaction";

/** As many rows as one batch applies. */
const batchRows = 500;

/** Rows of one kind, in the order in which they are applied. */
export interface RowsOfKind {
  readonly kind: ImportKind;
  readonly rows: readonly FileRow[];
  /** The rows as they were read, before repeated ones were refused. */
  readonly read: readonly FileRow[];
}

/** The result of a rehearsal: a verdict for each row that was understood, and the rights that the rows require. */
export interface Rehearsal {
  readonly verdicts: ReadonlyMap<number, ImportVerdict>;
  readonly rights: readonly ImportRight[];
  /**
   * The members of the files' groups that the files do not list. Null if more are to be removed than an
   * import may have rows.
   */
  readonly missing: readonly MissingMember[] | null;
}

export interface RehearsalOptions {
  readonly capToMaximum: boolean;
  /** Whether to remove members of a group that the files do not list. */
  readonly removeMembers: boolean;
}

/**
 * Applies the rows of several kinds one after the other and undoes all of it, so that later rows are
 * judged by what earlier ones will have created. Each batch is first judged as it stands, which shows
 * what requires a code. Then it is written as if a code had been given.
 */
export function rehearseImport(
  database: Database,
  caller: Actor,
  importId: string,
  kinds: readonly RowsOfKind[],
  { capToMaximum, removeMembers }: RehearsalOptions,
): Promise<Rehearsal> {
  return inRehearsal(database, async (transaction) => {
    if (kinds.some(({ kind }) => kind === "RoleSettings")) await editSettingsOfRolesAlone(transaction);
    const since = await databaseNow(transaction);
    const rights = gatherRights();
    const verdicts = new Map<number, ImportVerdict>();
    const context = { transaction, caller, importId, capToMaximum, takes: rights.add };
    const last = lastNumber(kinds.flatMap(({ rows }) => rows));
    let missing: readonly MissingMember[] | null = [];
    for (const { kind, rows, read } of kinds) {
      // Only now does everybody exist whom earlier rows create. A row about an unknown person keeps all
      // members.
      if (kind === "GroupMembers") missing = await findMissingMembers(transaction, read, removeMembers, last);
      if (missing === null) return { verdicts, rights: [], missing };
      const removed = kind === "GroupMembers" ? missing.filter((each) => each.willBeRemoved) : [];
      const items = [...rows, ...removed.map(({ row }) => row)].flatMap((row) =>
        "data" in row ? [{ number: row.number, data: row.data, shown: null }] : [],
      );
      for (let start = 0; start < items.length; start += batchRows) {
        const batch = items.slice(start, start + batchRows);
        await forgetPlans(transaction);
        const made = await madeByImport(transaction, importId, since);
        for (const verdict of await judgeBatch({ ...context, made }, kind, batch))
          verdicts.set(verdict.number, { ...verdict, about: withoutMade(made, verdict.about) });
      }
    }
    const made = await madeByImport(transaction, importId, since);
    const taken = rights.all((await rootResource(transaction)).id);
    return { verdicts, rights: await atExistingResources(transaction, taken, made), missing };
  });
}

async function judgeBatch(
  context: Pick<ImportContext, "transaction" | "caller" | "importId" | "capToMaximum" | "takes" | "made">,
  kind: ImportKind,
  batch: readonly { readonly number: number; readonly data: unknown; readonly shown: null }[],
): Promise<ImportVerdict[]> {
  const judged = await runImporter(
    kind,
    { ...context, write: false, rehearsal: false, justification: null, proof: async () => null },
    batch,
  );
  const changing = new Set(
    judged.flatMap(({ number, outcome }) => (outcome === "Bad" || outcome === "Unchanged" ? [] : [number])),
  );
  const done = await runImporter(
    kind,
    { ...context, write: true, rehearsal: true, justification: "-", proof: async () => rehearsedProof },
    batch.filter(({ number }) => changing.has(number)),
  );
  const refused = new Map(
    done.flatMap((each) => (each.outcome === "Bad" ? [[each.number, each] as const] : [])),
  );
  return judged.map((verdict) => refused.get(verdict.number) ?? verdict);
}

/** A right at a resource that the rows create is the right at the nearest existing resource above it. */
async function atExistingResources(
  transaction: Transaction,
  rights: readonly ImportRight[],
  made: ReadonlySet<string>,
): Promise<ImportRight[]> {
  const ids = [...made];
  const rows = await transaction.$queryRaw<{ id: string; nearest: string }[]>`
    SELECT r.id, (
      SELECT above.id FROM unnest(path_ids(r.path)) WITH ORDINALITY AS above (id, level)
      WHERE above.id <> ALL (${ids}::uuid[]) ORDER BY above.level DESC LIMIT 1) AS nearest
    FROM resources r WHERE r.id = ANY (${ids}::uuid[])`;
  const nearest = new Map(rows.map((row) => [row.id, row.nearest]));
  const found = gatherRights();
  for (const right of rights)
    found.add({ ...right, resourceId: nearest.get(right.resourceId) ?? right.resourceId });
  return found.all((await rootResource(transaction)).id);
}
