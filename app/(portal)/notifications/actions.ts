"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { markNotificationsRead } from "@/lib/operations/notifications/mark-notifications-read";
import { application } from "@/lib/platform/application";
import { fieldsOf } from "@/lib/web/form-fields";
import { currentCaller } from "@/lib/web/request";

/** Marks one of the caller's notifications as read. */
export async function markRead(form: FormData): Promise<void> {
  const caller = await currentCaller();
  const id = z.uuid().safeParse(fieldsOf(form).id);
  if (!caller || !id.success) return;
  await markNotificationsRead(application().database, caller, id.data);
  revalidatePath("/notifications");
}

/** Marks all of the caller's notifications as read. */
export async function markAllRead(): Promise<void> {
  const caller = await currentCaller();
  if (!caller) return;
  await markNotificationsRead(application().database, caller, null);
  revalidatePath("/notifications");
}
