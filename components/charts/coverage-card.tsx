import Link from "next/link";
import { ChartFrame } from "@/components/charts/chart-frame";

interface Part {
  readonly label: string;
  readonly count: number;
  readonly of: number;
  readonly missing: { readonly label: string; readonly href: string };
}

const width = 480;
const height = 46;

/** How much of a whole is covered, with the way to what is not. */
export function CoverageCard({ title, parts }: { title: string; parts: readonly Part[] }) {
  const percent = ({ count, of }: Part) => (of === 0 ? 100 : Math.floor((100 * count) / of));
  return (
    <ChartFrame
      id="mfa-coverage"
      title={title}
      summary="Who could prove a second factor, and where one is asked for."
      empty={parts.every(({ of }) => of === 0) ? "Nobody has access yet." : null}
      table={{
        head: ["Covered", "Number", "Of", "Share"],
        rows: parts.map((part) => [
          { text: part.label },
          { text: part.count },
          { text: part.of },
          { text: `${percent(part)} %` },
        ]),
      }}
    >
      <svg aria-hidden data-image viewBox={`0 0 ${width} ${parts.length * height}`} className="chart hidden">
        {parts.map((part, index) => (
          <g key={part.label} transform={`translate(0 ${index * height})`}>
            <text y="14">{`${part.label}: ${part.count} of ${part.of}`}</text>
            <rect y="22" width={width} height="10" fill="var(--sunken)" />
            <rect y="22" width={(width * percent(part)) / 100} height="10" fill="var(--chart-1)" />
          </g>
        ))}
      </svg>
      <ul className="grid gap-5 @xl:grid-cols-2">
        {parts.map((part) => (
          <li key={part.label}>
            <p className="flex items-baseline gap-3">
              <span className="text-2xl font-semibold tabular-nums">{percent(part)} %</span>
              <span className="text-muted tabular-nums">
                {part.count} of {part.of}
              </span>
            </p>
            <p className="mt-0.5">{part.label}</p>
            <div aria-hidden className="mt-2 h-2 rounded-full bg-sunken outline outline-control">
              <div className="h-full rounded-full bg-(--chart-1)" style={{ width: `${percent(part)}%` }} />
            </div>
            {part.count < part.of ? (
              <p className="mt-2">
                <Link href={part.missing.href}>{part.missing.label}</Link>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}
