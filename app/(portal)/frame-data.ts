import { cache } from "react";
import { pagesFor } from "@/components/shell/portal-pages";
import type { WaitingForMe } from "@/lib/domain/requests/waiting";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { readShell } from "@/lib/queries/preferences/shell";
import { findWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { probableCaller, requireCaller } from "@/lib/web/request";

/**
 * What the top bar and the pane show about the caller, read once per request for both. It is sent to the database
 * together with the question who the caller is, where an earlier request knows whose session it is.
 */
export const frame = cache(async () => {
  const read = (of: Pick<Caller, "userId">) => readShell(application().database, of);
  const probable = await probableCaller();
  const [caller, early] = await Promise.all([requireCaller(), probable && read(probable)]);
  const shell = early && probable?.userId === caller.userId ? early : await read(caller);
  return {
    caller,
    ...shell,
    allowed: pagesFor(shell.rights),
  };
});

/** Finds the caller, and reads the frame at the same time if that can be sent together. */
export async function openFrame(): Promise<void> {
  await ((await probableCaller()) ? frame() : requireCaller());
}

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
