import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ExtensionOrRenewalRequest,
  requestExtensionOrRenewal,
} from "@/lib/operations/assignments/request-extension-or-renewal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Asks to extend an eligible or active assignment in its last fourteen days (`SelfExtend`). */
export function requestExtension(
  database: Database,
  caller: Caller,
  input: ExtensionOrRenewalRequest,
): Promise<OperationResult<{ requestId: string }>> {
  return requestExtensionOrRenewal(database, caller, "Extend", input);
}
