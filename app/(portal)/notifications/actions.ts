"use server";

import { z } from "zod";
import { markNotificationsRead } from "@/lib/operations/notifications/mark-notifications-read";
import { buttonAction } from "@/lib/web/actions/button-action";

/** Marks one of the caller's notifications as read. */
export const markRead = buttonAction({
  shape: z.object({ id: z.uuid() }),
  run: ({ caller, database }, { id }) => markNotificationsRead(database, caller, id),
});

/** Marks all of the caller's notifications as read. */
export const markAllRead = buttonAction({
  shape: z.object({}),
  run: ({ caller, database }) => markNotificationsRead(database, caller, null),
});
