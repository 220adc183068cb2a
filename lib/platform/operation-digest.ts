import { createHash } from "node:crypto";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";

/** SHA-256 of the operation's canonical text. A challenge and its proof are bound to it. */
export function operationDigest(operation: ProtectedOperation): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(canonicalOperation(operation)).digest());
}
