"use client";

import { changeInParts } from "@/lib/domain/figures/access-figures";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { counted } from "@/lib/domain/text/number-format";

/** The figures of each kind. A client component, so that the page contains them once as data and once as rows. */
export function KindsTable(props: {
  readonly kinds: readonly { readonly kind: PrincipalType; readonly label: string }[];
  readonly rows: readonly {
    readonly label: string;
    /** What the figures are compared with. */
    readonly earlier: string;
    /** The list of all kinds. */
    readonly address: string;
    /** A figure and the earlier one, for each kind. */
    readonly figures: readonly (readonly [now: number, before: number])[];
  }[];
}) {
  return (
    <table className="kinds-table">
      <thead>
        <tr>
          <th scope="col">Assignments</th>
          {props.kinds.map(({ kind, label }) => (
            <th key={kind} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ label, earlier, address, figures }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {props.kinds.map(({ kind }, index) => {
              const [now, before] = figures[index] ?? [0, 0];
              const [change, than] = changeInParts({ now, before }, earlier);
              return (
                <td key={kind}>
                  <a href={`${address}&kind=${kind}`} className="tap tap-number">
                    {counted(now)}
                  </a>
                  <span className="text-muted">
                    {change} <span className="sr-only">{than}</span>
                  </span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
