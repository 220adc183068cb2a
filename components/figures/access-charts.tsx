import { ChartFrame } from "@/components/figures/chart-frame";
import { ChartTable } from "@/components/figures/chart-table";
import { addressOfRows, type FiguresShown } from "@/components/figures/figures-shown";
import { seriesCount } from "@/components/figures/series";
import { ShareChart } from "@/components/figures/share-chart";
import { StackedDays } from "@/components/figures/stacked-days";
import { changeInWords } from "@/lib/domain/figures/access-figures";
import { counted } from "@/lib/domain/text/number-format";
import { accessAddress } from "@/lib/web/access-address";

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** Activations per day, stacked by role: the five largest, and the others together. */
export function ActivationsChart({
  figures,
  place,
  title,
  className,
}: FiguresShown & { title: string; className?: string }) {
  const { days, activations, activationsBefore } = figures;
  const activated = { ...place, state: "Activated", when: "any" } as const;
  const allDays = { from: days[0] ?? null, to: days.at(-1) ?? null };
  const aDay = { from: "#", to: "#" };
  const roles = new Map(activations.map((row) => [row.roleDefinitionId, row.roleName]));
  const each = [...roles]
    .map(([id, label]) => {
      const counts = new Map(
        activations.filter((row) => row.roleDefinitionId === id).map((row) => [row.day, row.count]),
      );
      return {
        label,
        counts: days.map((day) => counts.get(day) ?? 0),
        href: accessAddress({ ...activated, roleDefinitionId: id, ...allDays }),
        address: addressOfRows({ ...activated, roleDefinitionId: id }, aDay),
      };
    })
    .sort((left, right) => total(right.counts) - total(left.counts));
  const rest = each.length > seriesCount ? each.slice(seriesCount - 1) : [];
  const others = {
    label: `${rest.length} others`,
    counts: days.map((_, day) => total(rest.map(({ counts }) => counts[day] ?? 0))),
    href: null,
    address: null,
  };
  const series = rest.length > 0 ? [...each.slice(0, seriesCount - 1), others] : each;
  const sums = days.map((_, day) => total(each.map(({ counts }) => counts[day] ?? 0)));
  const dayAddress = addressOfRows(activated, aDay);
  const head = ["Day", ...series.map(({ label }) => label), "All", `All, ${days.length} days earlier`];
  return (
    <ChartFrame
      id="activations"
      title={title}
      className={className}
      empty={total(sums) === 0 ? `Nobody activated a role in the last ${days.length} days.` : null}
      summaryHref={accessAddress({ ...activated, ...allDays })}
      summary={`${counted(total(sums))} in ${days.length} days, by day. ${changeInWords(total(sums), total(activationsBefore), `in the ${days.length} days before`)}.`}
      legend={series.map(({ label, counts, href }, index) => ({
        index,
        label,
        value: counted(total(counts)),
        href,
      }))}
      data={{
        head: ["Day", ...each.map(({ label }) => label), ...head.slice(-2)],
        rows: days.map((day, index) => [
          { text: day },
          ...each.map(({ counts }) => ({ text: counts[index] ?? 0 })),
          { text: sums[index] ?? 0 },
          { text: activationsBefore[index] ?? 0 },
        ]),
      }}
      table={
        <ChartTable
          label={`${title}, as a table`}
          head={head}
          rows={days.map((day) => [day, day] as const)}
          columns={[
            ...series.map(({ counts, address }) => ({ values: counts, address })),
            { values: sums, address: dayAddress },
            { values: activationsBefore, address: null },
          ]}
        />
      }
    >
      <StackedDays
        days={days}
        series={series.map(({ label, counts }) => ({ label, counts }))}
        dayAddress={dayAddress}
      />
    </ChartFrame>
  );
}

/** Eligible, assigned and activated, as numbers and percentages. */
export function AssignmentTypesChart({ figures, place }: FiguresShown) {
  const { Eligible, Assigned, Activated } = figures.states;
  return (
    <ShareChart
      id="assignments-by-type"
      title="Assignments by type"
      whole="assignments in effect now"
      wholeHref={accessAddress(place)}
      empty="No assignment is in effect. Add one from Roles."
      shares={[
        { label: "Eligible", count: Eligible, href: accessAddress({ ...place, state: "Eligible" }) },
        { label: "Active, assigned", count: Assigned, href: accessAddress({ ...place, state: "Assigned" }) },
        {
          label: "Active, activated",
          count: Activated,
          href: accessAddress({ ...place, state: "Activated" }),
        },
      ]}
    />
  );
}
