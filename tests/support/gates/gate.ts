import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { makeAdministration } from "../administration";

/** An organisation to attack, and its time. */
export type World = Awaited<ReturnType<typeof makeAdministration>> & { readonly now: () => Date };

/** A verb that wants a proof and lacks nothing else: whether it was done, or the rules that it failed. */
export interface Gated {
  readonly caller: Caller;
  /** The one operation that a proof must have been made for. */
  readonly operation: ProtectedOperation;
  run(proofId: string | null): Promise<"done" | readonly string[]>;
}

export interface Gate {
  /** The file in which the proof is asked for. */
  readonly file: string;
  readonly kind: ProtectedOperation["kind"];
  arrange(world: World): Promise<Gated>;
}

/** The reason given for all of it. */
export const reason = { justification: "As agreed" };

/** What became of it all: done, or each rule or error that stood against any of it. */
export function told(...results: readonly OperationResult<object>[]): "done" | readonly string[] {
  if (results.every((result) => result.ok)) return "done";
  const failed = results.flatMap((result) => {
    if (result.ok) return ["it was done"];
    if (result.error.code !== "RoleAssignmentRequestPolicyValidationFailed") return [result.error.code];
    return result.error.failures.map(({ rule }) => rule);
  });
  return [...new Set(failed)];
}

export type Gates = Readonly<Record<string, Gate>>;
