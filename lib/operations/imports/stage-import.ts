import { rootResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type ImportKind, maximumImportRows } from "@/lib/domain/imports/import-kinds";
import { inOrder, refuseRepeated } from "@/lib/domain/imports/import-order";
import { gatherRights, type ImportRight } from "@/lib/domain/imports/import-rights";
import type { Permission } from "@/lib/domain/roles/permissions";
import { normalisedName, visibleText } from "@/lib/domain/text/names";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { importDigest } from "@/lib/operations/imports/import-digest";
import type { ImportVerdict, ShownRow } from "@/lib/operations/imports/importer";
import { findMissingMembers } from "@/lib/operations/imports/missing-members";
import { otherTenantFault } from "@/lib/operations/imports/refuse-other-tenant";
import { runImporter } from "@/lib/operations/imports/run-importer";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readImportFile } from "@/lib/platform/import-file";

export interface StageImportInput {
  readonly kind: ImportKind;
  readonly fileName: string;
  readonly content: string;
  /** Whether a permanent assignment that the settings do not allow shall end after their maximum. */
  readonly capToMaximum: boolean;
  /** The group whose members the file lists, if the file does not name it. */
  readonly group: string | null;
  /** Whether members of a group that the file does not list shall be removed. */
  readonly removeMembers: boolean;
}

/**
 * Reads a file into an import and shows what applying each row would do, without changing anything else. It requires
 * the right to manage people at the root; further rights are judged row by row.
 */
export function stageImport(
  database: Database,
  caller: Caller,
  input: StageImportInput,
): Promise<OperationResult<{ importId: string; skipped: readonly string[] }>> {
  const { kind, capToMaximum } = input;
  // A file's name is not typed here, so characters that a name may not have are left out.
  const visible = input.fileName.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "");
  const fileName = normalisedName(visible).slice(0, 200) || "file";
  const attempt = { kind: "ImportStaged" as const, caller, details: { import: kind, fileName } };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const file = readImportFile(kind, input.content, input.group);
    if (!file.ok) {
      throw new Refusal(
        { code: "InvalidInput", faults: [{ field: "file", message: file.message }] },
        attempt,
      );
    }
    const otherTenant = await otherTenantFault(transaction, file.rows);
    if (otherTenant !== null) {
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "file", message: otherTenant }] }, attempt);
    }
    const missing =
      kind === "GroupMembers" ? await findMissingMembers(transaction, file.rows, input.removeMembers) : [];
    if (missing === null) {
      const message = `The file leaves out more than ${maximumImportRows} members of its groups. Is it whole?`;
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "file", message }] }, attempt);
    }
    const staying = new Map(
      missing.filter((each) => !each.willBeRemoved).map((each) => [each.row.number, each]),
    );
    const rows = [...inOrder(refuseRepeated(kind, file.rows)), ...missing.map(({ row }) => row)];
    const good = rows
      .filter(({ number }) => !staying.has(number))
      .flatMap((row) => ("data" in row ? [{ number: row.number, data: row.data, shown: null }] : []));
    const made = await transaction.import.create({
      data: { kind, fileName, digest: "", capToMaximum, createdById: caller.userId },
      select: { id: true },
    });
    const rights = gatherRights();
    const verdicts = await runImporter(
      kind,
      {
        transaction,
        caller,
        importId: made.id,
        write: false,
        capToMaximum,
        justification: null,
        proof: async () => null,
        takes: rights.add,
      },
      good,
    );
    const verdictOf = new Map(verdicts.map((verdict) => [verdict.number, verdict]));
    const stored = rows.map((row, position) => {
      const verdict = verdictOf.get(row.number);
      const stays = staying.get(row.number);
      const outcome = stays ? "Missing" : (verdict?.outcome ?? "Bad");
      const reason = "fault" in row ? row.fault : (stays?.reason ?? verdict?.reason ?? null);
      const waits = verdict?.needsProof ? "NeedsProof" : "Pending";
      return {
        number: row.number,
        line: row.line,
        position,
        title: visibleSentence(row.title),
        data: "data" in row ? row.data : null,
        outcome,
        state: {
          Add: waits,
          Change: waits,
          Remove: waits,
          Unchanged: "Unchanged",
          Missing: "Unchanged",
          Bad: "Failed",
        }[outcome],
        reason: reason === null ? null : reason.split("\n").map(visibleSentence).join("\n"),
        difference: verdict?.difference ?? null,
        needs_passkey: verdict?.needsResistant ?? false,
        shown: verdict ? shownBy(verdict) : null,
        conflicts: verdict?.conflicts ?? null,
      };
    });
    await transaction.$executeRaw`
      INSERT INTO import_rows (import_id, number, line, position, data, title, outcome, state, reason, difference, needs_passkey, shown, conflicts)
      SELECT ${made.id}::uuid, r.number, r.line, r.position, r.data, r.title, r.outcome, r.state, r.reason, r.difference,
        r.needs_passkey, r.shown, r.conflicts
      FROM jsonb_to_recordset(${JSON.stringify(stored)}::jsonb) AS r (number integer, line integer, position integer, data jsonb,
        title text, outcome import_row_outcome, state import_row_state, reason text, difference jsonb,
        needs_passkey boolean, shown jsonb, conflicts jsonb)`;
    const digest = await importDigest(transaction, made.id);
    await transaction.import.update({ where: { id: made.id }, data: { digest } });
    await keepRights(transaction, made.id, rights.all((await rootResource(transaction)).id));
    const count = (outcome: string) => stored.filter((row) => row.outcome === outcome).length;
    await recordAuditEvent(transaction, {
      ...attempt,
      outcome: "Success",
      details: {
        ...attempt.details,
        importId: made.id,
        ...(file.skipped.length > 0 ? { skipped: file.skipped.map(visibleText) } : {}),
        rows: stored.length,
        add: count("Add"),
        change: count("Change"),
        remove: count("Remove"),
        unchanged: count("Unchanged"),
        bad: count("Bad"),
      },
    });
    return { importId: made.id, skipped: file.skipped };
  });
}

/** The result of a row's dry run, as it is stored; empty for a row that was not understood. */
function shownBy({ outcome, difference, about }: ImportVerdict): ShownRow | null {
  return outcome === "Bad" && about === null ? null : { outcome, difference, about };
}

async function keepRights(
  transaction: Transaction,
  importId: string,
  rights: readonly ImportRight[],
): Promise<void> {
  await transaction.importRight.createMany({
    data: rights.map(({ resourceId, action, role }, position) => ({
      importId,
      position,
      resourceId,
      action,
      role: role ? { wanted: role.wanted.map(asJson), had: role.had.map(asJson) } : undefined,
    })),
  });
}

function asJson({ actions, notActions, dataActions, notDataActions }: Permission) {
  return {
    actions: [...actions],
    notActions: [...notActions],
    dataActions: [...dataActions],
    notDataActions: [...notDataActions],
  };
}
