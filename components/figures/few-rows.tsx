"use client";

export interface Cell {
  readonly text: string | number;
  readonly href?: string | null;
}

/** The data of a chart, as in its CSV. */
export interface ChartData {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export function Linked({ text, href }: Cell) {
  return href ? (
    <a href={href} className="tap">
      {text}
    </a>
  ) : (
    text
  );
}

/** The data of a chart with a few rows, each figure with its own link. */
export function FewRows({ title, data }: { title: string; data: ChartData }) {
  return (
    <section aria-label={`${title}, as a table`} tabIndex={0} className="chart-table">
      <table>
        <thead>
          <tr>
            {data.head.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row.map(({ text }) => text).join(" ")}>
              {row.map((cell, index) =>
                index === 0 ? (
                  <th key={data.head[index]} scope="row">
                    <Linked {...cell} />
                  </th>
                ) : (
                  <td key={data.head[index]}>
                    <Linked {...cell} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
