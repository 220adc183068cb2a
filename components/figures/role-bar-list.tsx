"use client";

import { addressOf } from "@/components/figures/drawing";
import { fillOf } from "@/components/figures/series";
import { Name } from "@/components/ui/name";
import { box } from "@/lib/domain/figures/plot";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";

const imageWidth = 480;
const imageRow = 38;

/** Roles with a bar each. `role` and `all` are the addresses of a role and of its assignments, with `#` for the role. */
export function RoleBarList(props: {
  readonly roles: readonly {
    readonly id: string;
    readonly roleName: string;
    readonly eligible: number;
    readonly active: number;
  }[];
  readonly role: string;
  readonly all: string;
}) {
  const { roles } = props;
  const most = Math.max(1, ...roles.map(({ eligible, active }) => eligible + active));
  const scaled = (count: number) => ((imageWidth - 40) * count) / most;
  const bars = (count: (role: (typeof roles)[number]) => readonly [from: number, length: number]) =>
    roles.map((role, index) => box(count(role)[0], index * imageRow + 20, count(role)[1], 10)).join("");
  return (
    <>
      <svg
        aria-hidden
        data-image
        viewBox={`0 0 ${imageWidth} ${roles.length * imageRow}`}
        className="chart hidden"
      >
        {roles.map(({ id, roleName }, index) => (
          <text key={id} y={index * imageRow + 14}>
            {isolated(roleName)}
          </text>
        ))}
        <path d={bars(({ eligible }) => [0, scaled(eligible)])} fill={fillOf(0)} />
        <path d={bars(({ eligible, active }) => [scaled(eligible), scaled(active)])} fill={fillOf(1)} />
      </svg>
      <ul className="role-bars">
        {roles.map(({ id, roleName, eligible, active }) => (
          <li key={id}>
            <a href={addressOf(props.role, id)}>
              <Name of={roleName} />
            </a>
            <a href={addressOf(props.all, id)}>
              {counted(eligible + active)}
              <span className="sr-only">
                {" "}
                assignments of <Name of={roleName} />, {counted(eligible)} eligible and {counted(active)}{" "}
                active
              </span>
            </a>
            <svg aria-hidden viewBox="0 0 300 8" preserveAspectRatio="none">
              <path d={box(0, 0, (300 * eligible) / most, 8)} fill={fillOf(0)} />
              <path d={box((300 * eligible) / most, 0, (300 * active) / most, 8)} fill={fillOf(1)} />
            </svg>
          </li>
        ))}
      </ul>
    </>
  );
}
