import { expect } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { stageImport } from "@/lib/operations/imports/stage-import";
import type { Caller } from "@/lib/platform/caller";
import { viewImport } from "@/lib/queries/imports/imports";
import { type Administration, makeAdministration } from "./administration";

/** An organisation whose Owner imports, with helpers for each step. */
export async function makeImports(clock?: () => Date) {
  return importsOf(await makeAdministration(clock));
}

/** The same for an existing organisation. */
export function importsOf(at: Administration) {
  const { database, owner } = at;

  /** Reads rows, or a file's text, into an import. */
  const stage = async (
    kind: ImportKind,
    rows: unknown,
    options: { capToMaximum?: boolean; caller?: Caller; group?: string; removeMembers?: boolean } = {},
  ) => {
    const result = await stageImport(database, options.caller ?? owner, {
      kind,
      fileName: "file.json",
      content: typeof rows === "string" ? rows : JSON.stringify(rows),
      capToMaximum: options.capToMaximum ?? false,
      group: options.group ?? null,
      removeMembers: options.removeMembers ?? false,
    });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.importId;
  };
  const rowsOf = (importId: string) =>
    database.client.importRow.findMany({ where: { importId }, orderBy: { number: "asc" } });
  const outcomes = async (importId: string) => (await rowsOf(importId)).map((row) => row.outcome);
  const confirm = (importId: string, proofId: string | null = null, caller: Caller = owner) =>
    confirmImport(database, caller, { importId, justification: "Moving in", proofId });
  const waits = async (importId: string) =>
    (await database.client.importRow.count({ where: { importId, state: "NeedsProof" } })) > 0;
  /** Confirms an import, with a code if it requires one, which must succeed, and lets the worker apply it. */
  const applyAll = async (importId: string, proof: string | null = null, caller: Caller = owner) => {
    const proofId = proof ?? ((await waits(importId)) ? await proofFor(importId, caller) : null);
    expect(await confirm(importId, proofId, caller)).toMatchObject({ ok: true });
    await applyImports(database);
  };
  const proofFor = async (importId: string, caller: Caller = owner) =>
    at.prove(
      applyImportOperation(await database.client.import.findUniqueOrThrow({ where: { id: importId } })),
      caller,
    );
  /** The import as its page shows it: status, remaining rows, and why it stopped. */
  const viewed = async (importId: string) => {
    const found = await viewImport(database, owner, importId);
    return { status: found?.status, left: found?.left, stopReason: found?.stopReason };
  };
  return { ...at, stage, rowsOf, outcomes, confirm, applyAll, proofFor, viewed };
}

/** A user as `az ad user list` writes one. */
export const azureUser = (index: number, more: object = {}) => ({
  id: `object-${index}`,
  displayName: `Person ${index}`,
  userPrincipalName: `person${index}@fabrikam.example`,
  ...more,
});
