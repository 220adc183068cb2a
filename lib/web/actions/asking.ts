import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { Configuration } from "@/lib/platform/configuration";
import type { Database } from "@/lib/platform/database";
import { currentCaller } from "@/lib/web/request";

/** Who asks, and what an action does its work with. Nothing else gives an action a caller. */
export interface Asking {
  readonly caller: Caller;
  readonly database: Database;
  readonly configuration: Configuration;
}

/** The same where the form may carry a step-up: the proof it made, or null. */
export interface Proving extends Asking {
  readonly proofId: string | null;
}

/** Who asks in this request; null when nobody is signed in. */
export async function asking(): Promise<Asking | null> {
  const caller = await currentCaller();
  if (!caller) return null;
  const { configuration, database } = application();
  return { caller, configuration, database };
}
