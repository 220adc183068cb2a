"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { application } from "@/lib/platform/application";
import { fieldsOf } from "@/lib/web/form-fields";
import { currentCaller } from "@/lib/web/request";

/** Lets one dead letter, or without an id all of them, be tried again. */
export async function retry(form: FormData): Promise<void> {
  const caller = await currentCaller();
  const id = z
    .uuid()
    .nullable()
    .safeParse(fieldsOf(form).id ?? null);
  if (!caller || !id.success) return;
  await retryDelivery(application().database, caller, id.data);
  revalidatePath("/worker");
}
