import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { ImportScheduleDialog } from "@/components/imports/import-schedule-dialog";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { importScheduleLimits } from "@/lib/domain/imports/import-schedule";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { listImportSchedules } from "@/lib/queries/imports/import-schedules";
import { requireCaller } from "@/lib/web/request";
import { prepareSchedule, saveSchedule } from "./actions";
import { configuredSources } from "./configured-sources";
import { ImportScheduleTable } from "./import-schedule-table";

export const metadata: Metadata = { title: "Scheduled imports" };

export default async function ScheduledImportsPage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const [schedules, factor] = await Promise.all([
    listImportSchedules(database, caller),
    ownsFactor(database, caller),
  ]);
  if (!schedules) forbidden();
  const configured = configuredSources(configuration.importSources);
  const none = !configured.folder && configured.hosts.length === 0;
  return (
    <>
      <PageHeader
        title="Scheduled imports"
        trail={[{ href: "/import", label: "Import" }]}
        description="Imports that read a folder or an address on a schedule. Each shows what differs, and notifies the person whom it runs for."
      >
        {!none && schedules.length < importScheduleLimits.schedules ? (
          <ImportScheduleDialog
            schedule={null}
            configured={configured}
            submit={saveSchedule}
            prepare={prepareSchedule}
            hasFactor={factor}
          />
        ) : null}
      </PageHeader>
      {none ? (
        <p className="banner mb-4">
          <span>
            No source of imports is configured. The operator of this installation must set{" "}
            <code>POSTERN_IMPORT_FOLDER</code> or <code>POSTERN_IMPORT_HOSTS</code>.
          </span>
        </p>
      ) : null}
      {schedules.length === 0 ? (
        <EmptyState title="No scheduled imports">
          Schedule an import to keep Postern in step with the system that people, groups and resources come
          from.
        </EmptyState>
      ) : (
        <ImportScheduleTable schedules={schedules} configured={configured} hasFactor={factor} />
      )}
    </>
  );
}
