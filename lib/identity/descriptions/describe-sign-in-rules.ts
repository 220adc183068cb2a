import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { changedSignInRules } from "@/lib/domain/people/sign-in-rules";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Transaction } from "@/lib/platform/database";

/** Describes an edit of the sign-in rules by what it changes. */
export async function describeSignInRules(
  transaction: Transaction,
  operation: Extract<ProtectedOperation, { kind: "UpdateSignInRules" }>,
): Promise<OperationDescription> {
  const changed = changedSignInRules(await readSignInRules(transaction), operation.rules);
  return {
    title: "Change the rules for signing in and factors",
    details: changed.map(({ label, before, after }) => ({
      label,
      value: `${isolated(before)} → ${isolated(after)}`,
    })),
  };
}
