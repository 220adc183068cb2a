import { Sentence } from "@/components/ui/name";
import type { ChangedRow } from "@/lib/domain/roles/role-setting-rows";

/** What an edit changes, before and after, with a mark at what it weakens. Shown where the code is typed. */
export function SettingsChanges({ rows }: { rows: readonly ChangedRow[] }) {
  const weaker = rows.filter((row) => row.weakens).length;
  return (
    <section aria-labelledby="changes-heading" className="rounded-md border border-line p-3">
      <h2 id="changes-heading">
        {rows.length === 1 ? "1 change" : `${rows.length} changes`}
        {weaker > 0 ? <span className="font-normal text-muted">, {weaker} of them weaker</span> : null}
      </h2>
      <ul className="mt-1 grid gap-1">
        {rows.map((row) => (
          <li key={row.label} className="wrap-anywhere">
            <Sentence of={`${row.label}: ${row.before ?? "–"} → ${row.after ?? "–"}`} />{" "}
            {row.weakens ? <span className="badge badge-warning">Weaker</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The mark beside a setting that is being weakened: what it was, and what it becomes. */
export function WeakerMark({ rows }: { rows: readonly ChangedRow[] }) {
  const weaker = rows.filter((row) => row.weakens);
  if (weaker.length === 0) return null;
  return (
    <p className="mt-1 flex flex-wrap items-center gap-2">
      <span className="badge badge-warning">Weaker</span>
      <span className="wrap-anywhere">
        <Sentence of={weaker.map((row) => `${row.before ?? "–"} → ${row.after ?? "–"}`).join(", ")} />
      </span>
    </p>
  );
}
