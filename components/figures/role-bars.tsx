import Link from "next/link";
import { ChartFrame } from "@/components/figures/chart-frame";
import { fillOf } from "@/components/figures/series";
import { Name } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";

export interface RoleBar {
  readonly id: string;
  readonly roleName: string;
  readonly eligible: number;
  readonly active: number;
  readonly href: string;
  readonly eligibleHref: string;
  readonly activeHref: string;
  /** The link of the total. */
  readonly allHref: string;
}

/** Roles by number of assignments, each a link, with eligible and active shown apart. */
export function RoleBars(props: { id: string; title: string; empty: string; roles: readonly RoleBar[] }) {
  const most = Math.max(1, ...props.roles.map(({ eligible, active }) => eligible + active));
  const rowHeight = 16;
  const width = 480;
  const scaled = (count: number) => ((width - 40) * count) / most;
  return (
    <ChartFrame
      id={props.id}
      title={props.title}
      empty={props.roles.length === 0 ? props.empty : null}
      summary="Eligible and active, by role, most first."
      legend={[
        { index: 0, label: "Eligible", value: "" },
        { index: 1, label: "Active", value: "" },
      ]}
      table={{
        head: ["Role", "Eligible", "Active", "All"],
        rows: props.roles.map((role) => [
          { text: role.roleName, href: role.href },
          { text: role.eligible, href: role.eligibleHref },
          { text: role.active, href: role.activeHref },
          { text: role.eligible + role.active, href: role.allHref },
        ]),
      }}
    >
      <svg
        aria-hidden
        data-image
        viewBox={`0 0 ${width} ${props.roles.length * 38}`}
        className="chart hidden"
      >
        {props.roles.map(({ id, roleName, eligible, active }, index) => (
          <g key={id} transform={`translate(0 ${index * 38})`}>
            <text y="14">{isolated(roleName)}</text>
            <rect y="20" width={scaled(eligible)} height="10" fill={fillOf(0)} />
            <rect x={scaled(eligible)} y="20" width={scaled(active)} height="10" fill={fillOf(1)} />
            <text x={scaled(eligible + active) + 6} y="29">
              {eligible + active}
            </text>
          </g>
        ))}
      </svg>
      <ul className="grid grid-cols-1 gap-2.5 touch:gap-1">
        {props.roles.map((role) => (
          <li key={role.id}>
            <div className="flex items-center gap-3">
              <Link href={role.href} className="tap min-w-0">
                <span className="truncate">
                  <Name of={role.roleName} />
                </span>
              </Link>
              <Link href={role.allHref} className="tap tap-number ml-auto tabular-nums">
                {role.eligible + role.active}
                <span className="sr-only">
                  {" "}
                  assignments of <Name of={role.roleName} />, {role.eligible} eligible and {role.active}{" "}
                  active
                </span>
              </Link>
            </div>
            <svg
              aria-hidden
              viewBox={`0 0 300 ${rowHeight}`}
              preserveAspectRatio="none"
              className="mt-0.5 h-2 w-full rounded-full bg-sunken"
            >
              <rect width={(300 * role.eligible) / most} height={rowHeight} fill={fillOf(0)} />
              <rect
                x={(300 * role.eligible) / most}
                width={(300 * role.active) / most}
                height={rowHeight}
                fill={fillOf(1)}
              />
            </svg>
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}
