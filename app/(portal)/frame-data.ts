import { cache } from "react";
import { pagesFor } from "@/components/shell/portal-pages";
import { application } from "@/lib/platform/application";
import { readShell } from "@/lib/queries/preferences/shell";
import { countWaitingForMe, type WaitingForMe } from "@/lib/queries/requests/waiting-for-me";
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

/** How much waits for the caller's decision, read once per request for the pane and the page. */
export const waitingForMe = cache(async () =>
  countWaitingForMe(application().database, await requireCaller()),
);

/**
 * What waits for the caller of one kind. Most people have nothing to decide, and the pane has counted that already: then
 * the longer question, what it is, is not asked.
 */
export async function ifWaiting<Found>(
  kind: keyof WaitingForMe,
  read: () => Promise<Found>,
  nothing: NoInfer<Found>,
): Promise<Found> {
  return (await waitingForMe())[kind] > 0 ? read() : nothing;
}
