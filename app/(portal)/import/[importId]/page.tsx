import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { ApplyImportForm } from "@/components/imports/apply-import-form";
import { ImportProgress } from "@/components/imports/import-progress";
import { ImportRows } from "@/components/imports/import-rows";
import { ImportStatus } from "@/components/imports/import-status";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Moment } from "@/components/ui/moment";
import { Sentence } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import {
  importGrantsAccess,
  importProofMinutes,
  importTitle,
  maximumLargeRows,
  maximumMissingShown,
  severalKinds,
} from "@/lib/domain/imports/import-kinds";
import { principalText } from "@/lib/domain/people/principal-identity";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import {
  type ImportTab,
  type ImportView,
  importRowsPageSize,
  listImportRows,
  viewImport,
} from "@/lib/queries/imports/imports";
import { pageLinks } from "@/lib/web/page-links";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import { confirm, discard, prepareImport } from "../actions";
import { WhatWaits } from "./what-waits";

interface Parameters {
  params: Promise<{ importId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const open = cache(async (importId: string) =>
  viewImport(application().database, await requireCaller(), importId),
);

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const found = await open((await params).importId);
  return found ? { title: asTitle(`Import of ${isolated(found.fileName)}`) } : {};
}

const tabs: Record<ImportTab, string> = {
  Add: "To add",
  Change: "To change",
  Remove: "To remove",
  Unchanged: "Unchanged",
  Missing: "Not in the file",
  Bad: "Invalid rows",
};
/** The same tabs once the import is applied. */
const appliedTabs: Record<ImportTab, string> = {
  ...tabs,
  Add: "Added",
  Change: "Changed",
  Remove: "Removed",
};
const shape = z.object({
  show: z.enum(["Add", "Change", "Remove", "Unchanged", "Missing", "Bad"]).optional().catch(undefined),
  after: z.coerce.number().int().min(0).catch(0),
});

export default async function ImportDetailPage(props: Parameters) {
  const caller = await requireCaller();
  const { database } = application();
  const { importId } = await props.params;
  const [found, factor] = await Promise.all([open(importId), ownsFactor(database, caller)]);
  if (!found) notFound();
  const query = await props.searchParams;
  const { show, after } = shape.parse(query);
  const all = tabsOf(found);
  const outcome = show ?? all.find((tab) => found.counts[tab] > 0) ?? "Add";
  const rows = await listImportRows(database, caller, { importId: found.id, outcome, after });
  const labels = found.status === "Applied" ? appliedTabs : tabs;
  const confirmable = found.status === "Staged" || found.status === "Stopped";
  const { Add, Change, Remove, Unchanged, Bad } = found.counts;
  // Nothing was created from such a file, and nothing would be.
  const allBad = found.left === 0 && Bad > 0 && Add + Change + Remove + Unchanged === 0;
  const base = `/import/${found.id}`;
  const last = rows.length === importRowsPageSize ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title={found.fileName}
        trail={[{ href: "/import", label: "Import" }]}
        description={
          <span className="flex flex-wrap items-center gap-2">
            {importTitle(found.kind)} <ImportStatus status={found.status} />
            <span>
              Read by <PrincipalName of={found.createdBy} inline />, <Moment value={found.createdAt} />
            </span>
          </span>
        }
      >
        {confirmable || found.status === "Applying" ? (
          <ConfirmButton
            label="Discard"
            title={`Discard ${isolated(found.fileName)}`}
            description="Rows that are already applied stay applied. The remaining rows are not applied."
            submit={discard}
            fields={{ importId: found.id }}
          />
        ) : null}
      </PageHeader>
      {confirmable ? (
        <section className="card mb-5 max-w-3xl">
          <h2 className="mb-1">
            {found.status === "Stopped"
              ? "The import has stopped"
              : allBad
                ? "No row can be applied"
                : "Nothing has changed yet"}
          </h2>
          {found.stopReason ? (
            <p className="mb-2">
              <Sentence of={found.stopReason} />
            </p>
          ) : null}
          <WhatWaits import={found} allBad={allBad} />
          {found.needProof > 0 ? (
            <p className="mb-3 text-muted">
              What you prove is valid for {importProofMinutes} minutes. Rows not applied by then need a new
              proof.
            </p>
          ) : null}
          {allBad ? null : (
            <ApplyImportForm
              importId={found.id}
              asksReason={importGrantsAccess(found.kind) && found.left > 0}
              needsCode={found.needProof > 0}
              resistantOnly={found.needPasskey > 0}
              hasFactor={factor}
              confirm={confirm}
              prepare={prepareImport}
            />
          )}
        </section>
      ) : found.status === "Applying" ? (
        <section className="card mb-5 max-w-3xl" aria-labelledby="applying">
          <h2 id="applying" className="mb-1">
            Applying
          </h2>
          <ImportProgress
            done={found.done}
            left={found.left}
            confirmedBy={found.confirmedBy ? principalText(found.confirmedBy) : ""}
            workerRuns={found.workerRuns}
          />
          <ProofAge confirmedAt={found.confirmedAt} proofUntil={found.proofUntil} />
        </section>
      ) : (
        <div className="mb-5">
          <p role="status" className="text-muted">
            {found.status === "Applied"
              ? `Applied: ${counted(found.changed)} ${found.changed === 1 ? "row" : "rows"} made a change.${leftOutInWords(found.counts.Bad)}`
              : `Discarded after ${counted(found.changed)} ${found.changed === 1 ? "row" : "rows"}.`}
          </p>
          {found.confirmedBy ? (
            <p className="text-muted">
              Confirmed by <PrincipalName of={found.confirmedBy} inline />
            </p>
          ) : null}
          <ProofAge confirmedAt={found.confirmedAt} proofUntil={found.proofUntil} />
        </div>
      )}
      <LinkTabs
        label="Rows"
        tabs={all.map((tab) => ({
          href: `${base}?${new URLSearchParams({ show: tab })}`,
          label: `${labels[tab]} (${counted(found.counts[tab])}${tab === "Missing" && found.counts[tab] >= maximumMissingShown ? "+" : ""})`,
          current: tab === outcome,
        }))}
      />
      {rows.length === 0 ? (
        <EmptyState title="No rows">The file has no rows of this kind.</EmptyState>
      ) : (
        <ImportRows
          rows={rows}
          total={{
            count: found.counts[outcome],
            most: outcome === "Missing" ? maximumMissingShown : maximumLargeRows,
            one: "row",
            many: "rows",
          }}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (from) =>
              `${base}?${new URLSearchParams({ show: outcome, ...(from ? { after: from } : {}) })}`,
            next: last ? String(last.number) : null,
          })}
        />
      )}
    </>
  );
}

/** When the code was entered, and until when it is valid. */
function ProofAge(props: { confirmedAt: Date | null; proofUntil: Date | null }) {
  if (props.confirmedAt === null || props.proofUntil === null) return null;
  return (
    <p className="text-muted">
      The code was entered <Moment value={props.confirmedAt} />, and is valid until{" "}
      <Moment value={props.proofUntil} />.
    </p>
  );
}

function leftOutInWords(bad: number): string {
  if (bad === 0) return "";
  return bad === 1 ? " 1 invalid row was skipped." : ` ${counted(bad)} invalid rows were skipped.`;
}

/**
 * Group members are added or removed, and everything else is added or changed. An import of several kinds has all
 * three.
 */
function tabsOf({ kind, counts }: Pick<ImportView, "kind" | "counts">): ImportTab[] {
  if (kind === "GroupMembers") return ["Add", "Remove", "Unchanged", "Missing", "Bad"];
  if (kind !== severalKinds) return ["Add", "Change", "Unchanged", "Bad"];
  const some = (tab: ImportTab) => (counts[tab] > 0 ? [tab] : []);
  return ["Add", "Change", ...some("Remove"), "Unchanged", ...some("Missing"), "Bad"];
}
