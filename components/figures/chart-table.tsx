"use client";

import { createContext, use } from "react";
import { addressOf } from "@/components/figures/drawing";
import { Name } from "@/components/ui/name";

/** Whether the table was opened. Only then its numbers need links. */
export const TableOpened = createContext(false);

/** The numbers of a chart. A client component, so that the page contains them once as data and once as rows. */
export function ChartTable(props: {
  readonly label: string;
  readonly head: readonly string[];
  /** The name of each row, and its value in an address. */
  readonly rows: readonly (readonly [name: string, row: string])[];
  /** The address of a row itself, with `#` for the row. */
  readonly nameAddress?: string;
  /** The numbers of each column. A text is shown as it is. */
  readonly columns: readonly {
    readonly values: readonly (number | string)[];
    /** The address of a row's list, with `#` for the row; null without a list. */
    readonly address: string | null;
  }[];
}) {
  const linked = use(TableOpened);
  return (
    <section aria-label={props.label} tabIndex={0} className="chart-table">
      <table>
        <thead>
          <tr>
            {props.head.map((text) => (
              <th key={text} scope="col">
                <Name of={text} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map(([name, row], index) => (
            <tr key={row}>
              <th scope="row">
                {props.nameAddress ? (
                  <a href={addressOf(props.nameAddress, row)}>
                    <Name of={name} />
                  </a>
                ) : (
                  <Name of={name} />
                )}
              </th>
              {props.columns.map(({ values, address }, column) => {
                const value = values[index] ?? 0;
                return (
                  <td key={props.head[column + 1]}>
                    {linked && address && value !== 0 ? <a href={addressOf(address, row)}>{value}</a> : value}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
