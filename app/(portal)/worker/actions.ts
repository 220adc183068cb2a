"use server";

import { z } from "zod";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { buttonAction } from "@/lib/web/actions/button-action";

/** Retries one failed delivery. Without an id: all of them. */
export const retry = buttonAction({
  shape: z.object({ id: z.uuid().optional() }),
  run: ({ caller, database }, { id }) => retryDelivery(database, caller, id ?? null),
});
