import { ChartFrame } from "@/components/figures/chart-frame";
import { ChartTable } from "@/components/figures/chart-table";
import { addressOfRows, type FiguresShown } from "@/components/figures/figures-shown";
import { RoleBarList } from "@/components/figures/role-bar-list";

/** Roles by number of assignments. `roleHref` is the link of a role's name. */
export function RolesChart({
  figures,
  place,
  roleHref,
}: FiguresShown & { roleHref: (roleId: string) => string }) {
  const { roles } = figures;
  const title = "Roles by number of assignments";
  const head = ["Role", "Eligible", "Active", "All"];
  const role = { role: "#" };
  const all = addressOfRows(place, role);
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
              address: addressOfRows({ ...place, state: "Eligible" }, role),
            },
            {
              values: roles.map(({ active }) => active),
              address: addressOfRows({ ...place, state: "Active" }, role),
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
