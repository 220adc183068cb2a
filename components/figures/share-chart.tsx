import { arc, pie } from "d3-shape";
import { ChartFrame } from "@/components/figures/chart-frame";
import { FewRows } from "@/components/figures/few-rows";
import { fillOf } from "@/components/figures/series";
import { percentages } from "@/lib/domain/figures/percentages";
import { counted, countedShort } from "@/lib/domain/text/number-format";

export interface Share {
  readonly label: string;
  readonly count: number;
  readonly href: string;
}

/** A ring chart, with numbers and percentages beside it. */
export function ShareChart(props: {
  id: string;
  title: string;
  whole: string;
  /** The link to the whole list. */
  wholeHref: string;
  empty: string;
  shares: readonly Share[];
}) {
  const counts = props.shares.map(({ count }) => count);
  const sum = counts.reduce((all, count) => all + count, 0);
  const percent = percentages(counts);
  const draw = arc<{ startAngle: number; endAngle: number }>()
    .innerRadius(54)
    .outerRadius(84)
    .cornerRadius(2);
  const parts = pie<number>()
    .sort(null)
    .padAngle(counts.filter((count) => count > 0).length > 1 ? 0.025 : 0)(counts);
  const data = {
    head: ["Type", "Number", "Share"],
    rows: props.shares.map(({ label, count, href }, index) => [
      { text: label },
      { text: count, href },
      { text: `${percent[index]} %`, href },
    ]),
  };
  return (
    <ChartFrame
      id={props.id}
      title={props.title}
      empty={sum === 0 ? props.empty : null}
      summaryHref={props.wholeHref}
      summary={`${counted(sum)} ${props.whole}.`}
      legend={props.shares.map(({ label, count, href }, index) => ({
        index,
        label,
        href,
        value: `${counted(count)} · ${percent[index]} %`,
      }))}
      data={data}
      table={<FewRows title={props.title} data={data} />}
    >
      <svg aria-hidden viewBox="0 0 180 180" className="chart mx-auto h-auto w-44 @md:w-56">
        <g transform="translate(90 90)">
          {parts.map((part, index) => (
            <a key={props.shares[index]?.label} href={props.shares[index]?.href} tabIndex={-1}>
              <title>{`${props.shares[index]?.label}: ${part.value}`}</title>
              <path d={draw(part) ?? ""} fill={fillOf(index)} />
            </a>
          ))}
          <text y="2" textAnchor="middle" style={{ fontSize: "26px", fontWeight: 600, fill: "var(--text)" }}>
            {sum < 100_000 ? counted(sum) : countedShort(sum)}
          </text>
          <text y="20" textAnchor="middle">
            in all
          </text>
        </g>
      </svg>
    </ChartFrame>
  );
}
