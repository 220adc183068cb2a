import { ChartFrame } from "@/components/figures/chart-frame";
import { ChartTable } from "@/components/figures/chart-table";
import { LinesOverTime } from "@/components/figures/lines-over-time";
import { RoleBarList } from "@/components/figures/role-bar-list";
import { seriesCount } from "@/components/figures/series";
import { ShareChart } from "@/components/figures/share-chart";
import { StackedDays } from "@/components/figures/stacked-days";
import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import { type AccessFigures, changeInWords } from "@/lib/domain/figures/access-figures";
import { dashes, momentRow } from "@/lib/domain/figures/plot";
import { counted } from "@/lib/domain/text/number-format";
import { accessAddress, accessParameters } from "@/lib/web/access-address";

interface Shown {
  readonly figures: AccessFigures;
  /** Where the figures are taken, so that each links to its own list. */
  readonly place: Pick<AccessFilter, "resourceId" | "below">;
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** The address of a list with `#` for what a row of a chart stands for. */
function template(filter: Partial<AccessFilter>, row: Readonly<Record<string, string>>): string {
  return `/assignments?${new URLSearchParams({ ...accessParameters(filter), ...row })}`;
}

/** Activations per day, stacked by role: the five largest, and the others together. */
export function ActivationsChart({
  figures,
  place,
  title,
  className,
}: Shown & { title: string; className?: string }) {
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
        address: template({ ...activated, roleDefinitionId: id }, aDay),
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
  const dayAddress = template(activated, aDay);
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
export function AssignmentTypesChart({ figures, place }: Shown) {
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

/** Access without activation and access that could be activated, over time. Each point links to its list. */
export function StandingChart({
  figures,
  place,
  className,
  reduceAt,
  low = false,
}: Shown & {
  className?: string;
  /** Half as high, above a list that should begin soon. */
  low?: boolean;
  /** The resource where standing access can be reduced; nothing leads there without one. */
  reduceAt?: string | null;
}) {
  const { standing } = figures;
  const title = "Standing access over time";
  const moments = standing.map(({ at }) => at.getTime());
  const line = (label: string, state: "Eligible" | "Assigned", values: readonly number[]) => ({
    label,
    values,
    href: accessAddress({ ...place, state }),
    address: template({ ...place, state }, { when: "#" }),
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
      {reduceAt ? (
        <p className="mt-2">
          <a href={`/resources/${reduceAt}/standing-access`}>Reduce standing access</a>
        </p>
      ) : null}
    </ChartFrame>
  );
}

/** Roles by number of assignments. `roleHref` is the link of a role's name. */
export function RolesChart({ figures, place, roleHref }: Shown & { roleHref: (roleId: string) => string }) {
  const { roles } = figures;
  const title = "Roles by number of assignments";
  const head = ["Role", "Eligible", "Active", "All"];
  const role = { role: "#" };
  const all = template(place, role);
  const name = roleHref("#").replace("#", "%23");
  return (
    <ChartFrame
      id="roles-by-assignments"
      title={title}
      empty={roles.length === 0 ? "There are no assignments here." : null}
      summary="Eligible and active, by role, most first."
      legend={[
        { index: 0, label: "Eligible", value: "" },
        { index: 1, label: "Active", value: "" },
      ]}
      data={{
        head,
        rows: roles.map(({ roleName, eligible, active }) =>
          [roleName, eligible, active, eligible + active].map((text) => ({ text })),
        ),
      }}
      table={
        <ChartTable
          label={`${title}, as a table`}
          head={head}
          rows={roles.map(({ roleName, id }) => [roleName, id] as const)}
          nameAddress={name}
          columns={[
            {
              values: roles.map(({ eligible }) => eligible),
              address: template({ ...place, state: "Eligible" }, role),
            },
            {
              values: roles.map(({ active }) => active),
              address: template({ ...place, state: "Active" }, role),
            },
            { values: roles.map(({ eligible, active }) => eligible + active), address: all },
          ]}
        />
      }
    >
      <RoleBarList roles={roles} role={name} all={all} />
    </ChartFrame>
  );
}
