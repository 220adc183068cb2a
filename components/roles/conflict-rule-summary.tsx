import { LongText, Name } from "@/components/ui/name";
import type { ConflictRuleView } from "@/lib/queries/roles/conflict-rules";

/** A rule for readers who may not change it. */
export function ConflictRuleSummary({ rule }: { rule: ConflictRuleView }) {
  const sets = [
    { label: "Roles", roles: rule.firstRoles },
    { label: "Conflict with", roles: rule.secondRoles },
  ];
  return (
    <dl className="grid gap-3">
      {sets.map(({ label, roles }) => (
        <div key={label}>
          <dt className="text-muted">{label}</dt>
          <dd>
            <ul>
              {roles.map(({ id, roleName }) => (
                <li key={id}>
                  <Name of={roleName} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
      ))}
      <div>
        <dt className="text-muted">Reason</dt>
        <dd>
          <LongText of={rule.reason} />
        </dd>
      </div>
    </dl>
  );
}
