import { cache } from "react";
import { pagesFor } from "@/components/shell/portal-pages";
import type { WaitingForMe } from "@/lib/domain/requests/waiting";
import { application } from "@/lib/platform/application";
import { readShell } from "@/lib/queries/preferences/shell";
import { findWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
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

/** What waits for the caller's decision, read once per request for the pane and the page. */
export const foundWaiting = cache(async () => {
  const { caller, mayWait } = await frame();
  return findWaitingForMe(application().database, caller, mayWait);
});

/** How much of it there is. */
export const waitingForMe = async () => (await foundWaiting()).counts;

/**
 * What waits for the caller of one kind. Most people have nothing to decide, and the pane has counted that
 * already. Then the longer query for the items is skipped.
 */
export async function ifWaiting<Found>(
  kind: keyof WaitingForMe,
  read: () => Promise<Found>,
  nothing: NoInfer<Found>,
): Promise<Found> {
  return (await waitingForMe())[kind] > 0 ? read() : nothing;
}
