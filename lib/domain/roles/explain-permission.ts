import { matchesPattern, type Permission } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";

export type OperationKind = "action" | "dataAction";

/** Whether one permission allows an operation, and by which pattern. */
export type Verdict =
  | { readonly decision: "allowed"; readonly pattern: string }
  | { readonly decision: "excluded"; readonly pattern: string; readonly by: string }
  | { readonly decision: "notMentioned" };

/** Explains one permission. It agrees with `allows` and `allowsData`. */
export function explainPermission(permission: Permission, operation: string, kind: OperationKind): Verdict {
  const [patterns, exclusions] =
    kind === "action"
      ? [permission.actions, permission.notActions]
      : [permission.dataActions, permission.notDataActions];
  const pattern = patterns.find((each) => matchesPattern(each, operation));
  if (pattern === undefined) return { decision: "notMentioned" };
  const by = exclusions.find((each) => matchesPattern(each, operation));
  return by === undefined ? { decision: "allowed", pattern } : { decision: "excluded", pattern, by };
}

/** Explains a whole role: the pattern that allows it, otherwise the one that excludes it. */
export function explainRole(
  permissions: readonly Permission[],
  operation: string,
  kind: OperationKind,
): Verdict {
  const verdicts = permissions.map((permission) => explainPermission(permission, operation, kind));
  return (
    verdicts.find((verdict) => verdict.decision === "allowed") ??
    verdicts.find((verdict) => verdict.decision === "excluded") ?? { decision: "notMentioned" }
  );
}

/** The same in one sentence. */
export function verdictText(verdict: Verdict, kind: OperationKind): string {
  const [part, notPart] = kind === "action" ? ["actions", "notActions"] : ["dataActions", "notDataActions"];
  switch (verdict.decision) {
    case "allowed":
      return `Allowed by ${verdict.pattern} of its ${part}.`;
    case "excluded":
      return `Not allowed: ${verdict.pattern} of its ${part} matches, but ${verdict.by} of its ${notPart} excludes it.`;
    case "notMentioned":
      return `Not allowed: nothing in its ${part} matches.`;
  }
}

/** Whether a role could do it at a scope, in words. The role must allow it and be assignable there. */
export function roleAtScopeText(
  verdict: Verdict,
  kind: OperationKind,
  at: { readonly displayName: string; readonly assignable: boolean },
): string {
  const reason = verdictText(verdict, kind);
  if (!at.assignable) {
    return `No. The role cannot be assigned on ${isolated(at.displayName)}, nor above it. Elsewhere: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  }
  return verdict.decision === "allowed" ? `Yes, on ${isolated(at.displayName)}. ${reason}` : `No. ${reason}`;
}
