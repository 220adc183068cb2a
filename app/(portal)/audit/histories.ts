import { cache } from "react";
import { application } from "@/lib/platform/application";
import { readsLog } from "@/lib/queries/audit/person-history";
import { requireCaller } from "@/lib/web/request";

/** Whether the reader of a page may read any resource's log, so that people's names link to their histories. */
export const opensHistories = cache(async () => readsLog(application().database, await requireCaller()));
