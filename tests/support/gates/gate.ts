import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { makeAdministration } from "../administration";

/** An organisation to attack, and its time. */
export type World = Awaited<ReturnType<typeof makeAdministration>> & { readonly now: () => Date };

/** A verb that needs a proof and nothing else. Returns whether it was done, or the rules that failed. */
export interface Gated {
  readonly caller: Caller;
  /** The only operation that a proof may be made for. */
  readonly operation: ProtectedOperation;
  run(proofId: string | null): Promise<"done" | readonly string[]>;
}

export interface Gate {
  /** The file that requires the proof. */
  readonly file: string;
  readonly kind: ProtectedOperation["kind"];
  arrange(world: World): Promise<Gated>;
}

/** The reason for the whole operation. */
export const reason = { justification: "As agreed" };

/** The result: done, or every rule and error of any part. */
export function outcomeOf(...results: readonly OperationResult<object>[]): "done" | readonly string[] {
  if (results.every((result) => result.ok)) return "done";
  const failed = results.flatMap((result) => {
    if (result.ok) return ["it was done"];
    if (result.error.code !== "RoleAssignmentRequestPolicyValidationFailed") return [result.error.code];
    return result.error.failures.map(({ rule }) => rule);
  });
  return [...new Set(failed)];
}

export type Gates = Readonly<Record<string, Gate>>;
