"use server";

import { z } from "zod";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { buttonAction } from "@/lib/web/actions/button-action";

/** Lets one dead letter, or without an id all of them, be tried again. */
export const retry = buttonAction({
  shape: z.object({ id: z.uuid().optional() }),
  run: ({ caller, database }, { id }) => retryDelivery(database, caller, id ?? null),
});
