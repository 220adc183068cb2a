import { LinesOverTime } from "@/components/figures/lines-over-time";
import { type RoleBar, RoleBars } from "@/components/figures/role-bars";
import { ShareChart } from "@/components/figures/share-chart";
import { type DaySeries, StackedDays } from "@/components/figures/stacked-days";
import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import type { AccessFigures } from "@/lib/domain/figures/access-figures";
import { accessAddress } from "@/lib/web/access-address";

interface Shown {
  readonly figures: AccessFigures;
  /** Where the figures are taken, so that each links to its own list. */
  readonly place: Pick<AccessFilter, "resourceId" | "below">;
}

/** Activations per day, stacked by role. */
export function ActivationsChart({
  figures,
  place,
  title,
  className,
}: Shown & { title: string; className?: string }) {
  const { days, activations } = figures;
  const address = (day: string | null, roleDefinitionId: string | null) =>
    accessAddress({
      ...place,
      state: "Activated",
      when: "any",
      roleDefinitionId,
      from: day ?? days[0] ?? null,
      to: day ?? days.at(-1) ?? null,
    });
  const roles = new Map(activations.map((row) => [row.roleDefinitionId, row.roleName]));
  const series: DaySeries[] = [...roles].map(([id, label]) => {
    const counts = new Map(
      activations.filter((row) => row.roleDefinitionId === id).map((row) => [row.day, row.count]),
    );
    return {
      key: id,
      label,
      counts: days.map((day) => counts.get(day) ?? 0),
      href: (day) => address(day, id),
    };
  });
  return (
    <StackedDays
      id="activations"
      title={title}
      empty={`Nobody activated a role in the last ${days.length} days.`}
      days={days}
      series={series}
      dayHref={(day) => address(day, null)}
      className={className}
    />
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
export function StandingChart({ figures, place, className }: Shown & { className?: string }) {
  const { standing } = figures;
  return (
    <LinesOverTime
      id="standing-access"
      title="Standing access over time"
      summary="Access without activation, and access that can be activated, by week."
      empty={`Nothing was assigned in the last ${standing.length - 1} weeks.`}
      className={className}
      moments={standing.map(({ at }) => at)}
      series={[
        {
          label: "Eligible",
          values: standing.map(({ eligible }) => eligible),
          href: (when) => accessAddress({ ...place, state: "Eligible", when }),
        },
        {
          label: "Active, assigned",
          values: standing.map(({ assigned }) => assigned),
          href: (when) => accessAddress({ ...place, state: "Assigned", when }),
        },
      ]}
    />
  );
}

/** Roles by number of assignments. `roleHref` is the link of a role's name. */
export function RolesChart({ figures, place, roleHref }: Shown & { roleHref: (roleId: string) => string }) {
  const roles: RoleBar[] = figures.roles.map((role) => ({
    ...role,
    href: roleHref(role.id),
    eligibleHref: accessAddress({ ...place, roleDefinitionId: role.id, state: "Eligible" }),
    activeHref: accessAddress({ ...place, roleDefinitionId: role.id, state: "Active" }),
    allHref: accessAddress({ ...place, roleDefinitionId: role.id }),
  }));
  return (
    <RoleBars
      id="roles-by-assignments"
      title="Roles by number of assignments"
      empty="There are no assignments here."
      roles={roles}
    />
  );
}
