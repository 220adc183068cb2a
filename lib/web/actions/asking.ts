import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { Configuration } from "@/lib/platform/configuration";
import type { Database } from "@/lib/platform/database";
import { currentCaller } from "@/lib/web/request";

/** The caller of an action, and the application. An action gets its caller only from here. */
export interface Asking {
  readonly caller: Caller;
  readonly database: Database;
  readonly configuration: Configuration;
}

/** The same for a form that may include a step-up: with its proof, or null. */
export interface Proving extends Asking {
  readonly proofId: string | null;
}

/** The caller of this request. Null if nobody is signed in. */
export async function asking(): Promise<Asking | null> {
  const caller = await currentCaller();
  if (!caller) return null;
  const { configuration, database } = application();
  return { caller, configuration, database };
}
