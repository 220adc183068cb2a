import { notFound, redirect } from "next/navigation";
import { historyPage } from "@/lib/domain/audit/history-page";
import { application } from "@/lib/platform/application";
import { historyOfOneIn } from "@/lib/queries/audit/person-history";
import type { Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";

/** Opens, from an event, the history of a person whom it names (`of`: their address at that moment). */
export default async function HistoryOfEventPage(props: {
  params: Promise<{ eventId: string }>;
  searchParams: Promise<Query>;
}) {
  const { eventId } = await props.params;
  const { of } = await props.searchParams;
  const found = await historyOfOneIn(
    application().database,
    await requireCaller(),
    eventId,
    typeof of === "string" ? of : "",
  );
  if (found === null) notFound();
  redirect(historyPage(found));
}
