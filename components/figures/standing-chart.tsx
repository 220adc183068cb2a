import { ChartFrame } from "@/components/figures/chart-frame";
import { ChartTable } from "@/components/figures/chart-table";
import { addressOfRows, type FiguresShown } from "@/components/figures/figures-shown";
import { LinesOverTime } from "@/components/figures/lines-over-time";
import { dashes, momentRow } from "@/lib/domain/figures/plot";
import { counted } from "@/lib/domain/text/number-format";
import { accessAddress } from "@/lib/web/access-address";

/** Access that needs no activation and access that could be activated, over time. Each point links to its list. */
export function StandingChart({
  figures,
  place,
  className,
  reduceAt,
  low = false,
}: FiguresShown & {
  className?: string;
  /** Half the usual height, above a list that should begin soon. */
  low?: boolean;
  /** The resource where standing access can be reduced. Without one there is no link. */
  reduceAt?: string | null;
}) {
  const { standing } = figures;
  const title = "Standing access over time";
  const moments = standing.map(({ at }) => at.getTime());
  const line = (label: string, state: "Eligible" | "Assigned", values: readonly number[]) => ({
    label,
    values,
    href: accessAddress({ ...place, state }),
    address: addressOfRows({ ...place, state }, { when: "#" }),
  });
  const series = [
    line(
      "Eligible",
      "Eligible",
      standing.map(({ eligible }) => eligible),
    ),
    line(
      "Active, assigned",
      "Assigned",
      standing.map(({ assigned }) => assigned),
    ),
  ];
  const nothing = series.every(({ values }) => values.every((value) => value === 0));
  const days = standing.map(({ at }) => at.toISOString().slice(0, 10));
  const head = ["Day", ...series.map(({ label }) => label)];
  return (
    <ChartFrame
      id="standing-access"
      title={title}
      className={className}
      summary="Access without activation, and access that can be activated, by week."
      empty={nothing ? `Nothing was assigned in the last ${standing.length - 1} weeks.` : null}
      legend={series.map(({ label, values, href }, index) => ({
        index,
        label,
        href,
        value: `${counted(values.at(-1) ?? 0)} now`,
        dash: dashes[index] ?? "",
      }))}
      data={{
        head,
        rows: days.map((day, index) => [
          { text: day },
          ...series.map(({ values }) => ({ text: values[index] ?? 0 })),
        ]),
      }}
      after={
        reduceAt ? (
          <p className="mt-3">
            <a href={`/resources/${reduceAt}/standing-access`}>Reduce standing access</a>
          </p>
        ) : null
      }
      table={
        <ChartTable
          label={`${title}, as a table`}
          head={head}
          rows={days.map((day, index) => [day, momentRow(moments, index)] as const)}
          columns={series.map(({ values, address }) => ({ values, address }))}
        />
      }
    >
      <LinesOverTime
        moments={moments}
        series={series.map(({ label, values, address }) => ({ label, values, address }))}
        low={low}
      />
    </ChartFrame>
  );
}
