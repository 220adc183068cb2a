import { KindChoice, type KindGroup } from "@/components/audit/kind-choice";
import type { Filter } from "@/components/ui/lists/chips";
import { auditGroups, auditKinds } from "@/lib/domain/audit/audit-kinds";
import { namesOfKinds } from "@/lib/domain/audit/kind-filter";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AuditFilter } from "@/lib/queries/audit/audit-conditions";
import type { Query } from "./audit-filter";

/** What the filter of kinds is set to: "Activations and 2 more". */
function kindsInWords(names: readonly string[]): string | null {
  const labels = names.map(
    (name) =>
      auditGroups.find((group) => group.name === name)?.label ??
      Object.entries(auditKinds).find(([kind]) => kind === name)?.[1] ??
      name,
  );
  return labels.length > 1 ? `${labels[0]} and ${labels.length - 1} more` : (labels[0] ?? null);
}

/** The groups of kinds, with the kinds that are chosen one by one. */
const groupsWith = (names: readonly string[]): KindGroup[] =>
  auditGroups.map(({ name, label, kinds }) => ({
    group: [name, label],
    chosen: names.includes(name),
    kinds: kinds.filter((kind) => names.includes(kind)).map((kind) => [kind, auditKinds[kind]]),
  }));

function both(words: readonly (string | null)[]): string | null {
  return words.filter(Boolean).join(", ") || null;
}

/** A filter by one text. */
function textFilter(name: string, label: string, fieldLabel: string, value: string): Filter {
  return {
    kind: "fields",
    names: [name],
    label,
    active: value ? isolated(value) : null,
    fields: <TextFilter name={name} label={fieldLabel} value={value} />,
  };
}

function TextFilter(props: { name: string; label: string; value: string; placeholder?: string }) {
  const { name, label, value, placeholder } = props;
  return (
    <label>
      <span className="label">{label}</span>
      {/* The key resets the field for another filter, so that it always shows the filter in use. */}
      <input
        key={value}
        className="input"
        name={name}
        defaultValue={value}
        placeholder={placeholder}
        maxLength={500}
      />
    </label>
  );
}

function DayFilter(props: { name: string; label: string; value: string }) {
  return (
    <label>
      <span className="label">{props.label}</span>
      <input
        key={props.value}
        className="input"
        type="date"
        name={props.name}
        defaultValue={props.value}
        min="0001-01-01"
        max="9998-12-31"
      />
    </label>
  );
}

/** The filters of the log, except its time. `first` is an event of the page, for the names behind ids in the address. */
export function auditFilters(
  query: Query,
  filter: AuditFilter,
  fixed: Partial<AuditFilter>,
  first: { readonly roleName: string | null; readonly resourceName: string | null } | null,
): Filter[] {
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const names = namesOfKinds(filter.kinds).split(",").filter(Boolean);
  const [from, to, role, scope] = [text("from"), text("to"), text("role"), text("scope")];
  const nameOf = (name: string | null | undefined) => (name ? isolated(name) : "one that is linked");
  const roleWords = isUuid(role) ? nameOf(first?.roleName) : isolated(role);
  const scopeWords = isUuid(scope) ? nameOf(first?.resourceName) : isolated(scope);
  return [
    {
      kind: "fields",
      names: ["kind"],
      label: "Kind",
      active: kindsInWords(names),
      fields: <KindChoice groups={groupsWith(names)} />,
    },
    textFilter("actor", "Actor", "Name or address", filter.actor),
    textFilter("target", "Target", "Name or address", filter.target),
    textFilter("ticket", "Ticket", "Ticket number", filter.ticket),
    textFilter("approver", "Approver", "Name or address", filter.approver),
    {
      kind: "fields",
      names: ["role"],
      label: "Role",
      active: roleWords || null,
      fields: isUuid(role) ? (
        <input type="hidden" name="role" value={role} />
      ) : (
        <TextFilter name="role" label="Role" value={role} />
      ),
    },
    {
      kind: "fields",
      names: fixed.resourceId ? ["below"] : ["scope", "below"],
      label: "Scope",
      active: both([fixed.resourceId ? null : scopeWords, filter.below ? "and below" : null]),
      fields: (
        <>
          {fixed.resourceId ? null : isUuid(scope) ? (
            <input type="hidden" name="scope" value={scope} />
          ) : (
            <TextFilter name="scope" label="Scope" value={scope} placeholder="/subscriptions/…" />
          )}
          <label className="flex items-center gap-2">
            <input
              key={String(filter.below)}
              type="checkbox"
              name="below"
              value="1"
              defaultChecked={filter.below}
            />
            Include everything below it
          </label>
        </>
      ),
    },
    {
      kind: "one",
      name: "outcome",
      label: "Outcome",
      usual: "",
      value: filter.outcome ?? "",
      choices: [
        { value: "", label: "Any" },
        { value: "Success", label: "Success" },
        { value: "Failure", label: "Refused" },
      ],
    },
    {
      kind: "fields",
      names: ["from", "to"],
      label: "Days",
      active: both([from ? `from ${from}` : null, to ? `to ${to}` : null]),
      fields: (
        <>
          <DayFilter name="from" label="From" value={from.slice(0, 10)} />
          <DayFilter name="to" label="To" value={to.slice(0, 10)} />
        </>
      ),
    },
  ];
}
