import { ChartFrame } from "@/components/figures/chart-frame";
import { FewRows } from "@/components/figures/few-rows";
import type { MfaCoverage } from "@/lib/domain/figures/access-figures";
import { counted } from "@/lib/domain/text/number-format";
import { coverageAddress } from "@/lib/web/coverage-address";

interface Part {
  readonly label: string;
  readonly count: number;
  readonly of: number;
  /** The label of the part that is not covered. */
  readonly missing: string;
  /** Links to the lists of those covered, all, and those not covered. */
  readonly hrefs: { readonly covered: string; readonly all: string; readonly missing: string };
}

const width = 480;
const height = 46;

/** Who has a second factor and which role settings in use require one. Each figure links to its list. */
export function MfaCoverageCard({
  mfa,
  place,
}: {
  mfa: MfaCoverage;
  place: { readonly resourceId: string | null; readonly below: boolean };
}) {
  const hrefs = (of: "people" | "settings") => ({
    covered: coverageAddress({ of, ...place, covered: true }),
    all: coverageAddress({ of, ...place }),
    missing: coverageAddress({ of, ...place, covered: false }),
  });
  return (
    <CoverageCard
      title="MFA coverage"
      parts={[
        {
          label: "People with access who have a second factor",
          of: mfa.people,
          count: mfa.peopleWithFactor,
          missing: "People without one",
          hrefs: hrefs("people"),
        },
        {
          label: "Role settings in use that require MFA on activation",
          of: mfa.settings,
          count: mfa.settingsWithMfa,
          missing: "Role settings that do not",
          hrefs: hrefs("settings"),
        },
      ]}
    />
  );
}

/** How much is covered, with a link to the rest. */
function CoverageCard({ title, parts }: { title: string; parts: readonly Part[] }) {
  const percent = ({ count, of }: Part) => (of === 0 ? 0 : Math.floor((100 * count) / of));
  const data = {
    head: ["Covered", "Number", "Of", "Share"],
    rows: parts.map((part) => [
      { text: part.label },
      { text: part.count, href: part.hrefs.covered },
      { text: part.of, href: part.hrefs.all },
      { text: `${percent(part)} %`, href: part.hrefs.covered },
    ]),
  };
  return (
    <ChartFrame
      id="mfa-coverage"
      title={title}
      summary="Who has a second factor, and which role settings require one."
      empty={parts.every(({ of }) => of === 0) ? "Nobody has access yet." : null}
      data={data}
      table={<FewRows title={title} data={data} />}
    >
      <svg aria-hidden data-image viewBox={`0 0 ${width} ${parts.length * height}`} className="chart hidden">
        {parts.map((part, index) => (
          <g key={part.label} transform={`translate(0 ${index * height})`}>
            <text y="14">{`${part.label}: ${counted(part.count)} of ${counted(part.of)}`}</text>
            <rect y="22" width={width} height="10" fill="var(--sunken)" />
            <rect y="22" width={(width * percent(part)) / 100} height="10" fill="var(--chart-1)" />
          </g>
        ))}
      </svg>
      <ul className="grid gap-5 @xl:grid-cols-2">
        {parts.map((part) => (
          <li key={part.label}>
            <p className="flex items-center gap-3 tabular-nums">
              <a
                href={part.hrefs.covered}
                aria-label={`${part.label}: ${percent(part)} %`}
                className="tap text-2xl font-semibold"
              >
                {percent(part)} %
              </a>
              <span className="flex items-center gap-1.5 text-muted">
                <a
                  href={part.hrefs.covered}
                  aria-label={`${part.label}: ${counted(part.count)}`}
                  className="tap tap-number"
                >
                  {counted(part.count)}
                </a>
                of
                <a
                  href={part.hrefs.all}
                  aria-label={`${part.label}: of ${counted(part.of)} in all`}
                  className="tap tap-number"
                >
                  {counted(part.of)}
                </a>
              </span>
            </p>
            <p className="mt-0.5">{part.label}</p>
            <div aria-hidden className="mt-2 h-2 rounded-full bg-sunken outline outline-control">
              <div className="h-full rounded-full bg-(--chart-1)" style={{ width: `${percent(part)}%` }} />
            </div>
            {part.count < part.of ? (
              <p className="mt-2 touch:mt-1">
                <a href={part.hrefs.missing} className="tap">
                  {part.missing}: {counted(part.of - part.count)}
                </a>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}
