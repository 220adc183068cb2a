import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { ExportScheduleDialog } from "@/components/notifications/export-schedule-dialog";
import { trailInside } from "@/components/resources/resource-trail";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { exportLimits } from "@/lib/domain/notifications/export-schedule";
import { isolated } from "@/lib/domain/text/visible-text";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import { application } from "@/lib/platform/application";
import { exportSchedules } from "@/lib/queries/notifications/export-schedules";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { findRecipients, scheduleExport } from "./actions";
import { ScheduleTable } from "./schedule-table";

export const metadata: Metadata = { title: "Scheduled exports" };

export default async function ScheduledExportsPage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeRoleSettings");
  const { configuration, database } = application();
  const schedules = await exportSchedules(database, await requireCaller(), resource.id);
  if (!schedules) forbidden();
  const zone = zoneInWords(await readerTimeZone());
  return (
    <>
      <PageHeader
        title="Scheduled exports"
        trail={trailInside(resource)}
        description={`Files about ${isolated(resource.displayName)} that are mailed to chosen people. Each is sent what they may read themselves at that time.`}
      >
        {schedules.length < exportLimits.atResource ? (
          <ExportScheduleDialog
            resourceId={resource.id}
            schedule={null}
            zone={`In ${zone}`}
            submit={scheduleExport}
            search={findRecipients}
          />
        ) : null}
      </PageHeader>
      {configuration.mail === null ? (
        <p className="banner mb-4">Mail is not set up on this installation. Nothing is sent until it is.</p>
      ) : null}
      {schedules.length === 0 ? (
        <EmptyState title="No scheduled exports">
          Schedule an export for people who need the assignments or the role settings regularly, such as
          auditors.
        </EmptyState>
      ) : (
        <ScheduleTable resourceId={resource.id} schedules={schedules} />
      )}
    </>
  );
}
