import { cache } from "react";
import { pagesFor } from "@/components/shell/portal-pages";
import { application } from "@/lib/platform/application";
import { readShell } from "@/lib/queries/preferences/shell";
import { requireCaller } from "@/lib/web/request";

/** What the top bar and the pane show about the caller, read once per request for both. */
export const frame = cache(async () => {
  const caller = await requireCaller();
  const shell = await readShell(application().database, caller);
  return {
    caller,
    ...shell,
    allowed: pagesFor(shell.rights),
  };
});
