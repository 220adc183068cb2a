import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ExtensionOrRenewalRequest,
  requestExtensionOrRenewal,
} from "@/lib/operations/assignments/request-extension-or-renewal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Asks to renew an eligible or active assignment within thirty days after it expired (`SelfRenew`). */
export function requestRenewal(
  database: Database,
  caller: Caller,
  input: ExtensionOrRenewalRequest,
): Promise<OperationResult<{ requestId: string }>> {
  return requestExtensionOrRenewal(database, caller, "Renew", input);
}
