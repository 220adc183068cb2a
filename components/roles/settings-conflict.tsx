"use client";

import { useEffect, useRef } from "react";
import { TableRegion } from "@/components/ui/page-parts";
import { roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { changedSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";

/** Two edits of the same settings side by side: the reader's, and the one saved in the meantime. */
export function SettingsConflict(props: {
  readonly before: RoleSettings;
  readonly yours: RoleSettings;
  readonly theirs: RoleSettings;
  readonly changedBy: string | null;
  readonly nameOf: (id: string) => string;
  readonly onContinue: () => void;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { before, yours, theirs } = props;
  const rowsOf = (settings: RoleSettings) =>
    roleSettingSections(settings, props.nameOf).flatMap((section) => section.rows);
  const [mine, others] = [rowsOf(yours), rowsOf(theirs)];
  const kept = new Set(changedSettings(before, yours));
  const labels = new Map([...mine, ...others].map((row) => [row.label, row.name]));
  const value = (rows: typeof mine, label: string) => rows.find((row) => row.label === label)?.value ?? "–";
  const differing = [...labels].filter(([label]) => value(mine, label) !== value(others, label));
  return (
    <section aria-labelledby="conflict-heading" className="card mb-5 border-(--warning)">
      <h2 ref={heading} id="conflict-heading" tabIndex={-1}>
        Two edits of the same settings
      </h2>
      <p className="mt-1 mb-3 max-w-prose text-muted">
        {props.changedBy ?? "Somebody"} saved these role settings while you were editing, so yours are not
        saved. The values in bold are kept when you continue: your changes, and theirs for the rest.
      </p>
      {differing.length === 0 ? (
        <p>Both edits are the same.</p>
      ) : (
        <TableRegion label="Your edit and theirs" head={["Setting", "Yours", "Theirs"]}>
          {differing.map(([label, name]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td className={kept.has(name) ? "font-semibold" : "text-muted"}>{value(mine, label)}</td>
              <td className={kept.has(name) ? "text-muted" : "font-semibold"}>{value(others, label)}</td>
            </tr>
          ))}
        </TableRegion>
      )}
      <button type="button" className="button button-primary mt-4" onClick={props.onContinue}>
        Continue from theirs
      </button>
    </section>
  );
}
