import { type AuditKind, auditGroups } from "@/lib/domain/audit/audit-kinds";

/** The kinds that a filter selects: kinds and groups, as an address names them, separated by commas. */
export function kindsNamed(text: string): AuditKind[] {
  const names = new Set(text.split(","));
  return auditGroups.flatMap((group) =>
    names.has(group.name) ? group.kinds : group.kinds.filter((kind) => names.has(kind)),
  );
}

/** The shortest text that names the same kinds. A group stands for all of its kinds. */
export function namesOfKinds(kinds: readonly AuditKind[]): string {
  const wanted = new Set(kinds);
  return auditGroups
    .flatMap((group) =>
      group.kinds.every((kind) => wanted.has(kind))
        ? [group.name]
        : group.kinds.filter((kind) => wanted.has(kind)),
    )
    .join(",");
}
