import { RenewalCell } from "@/components/assignments/renewal-cell";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { OwnRoles, OwnRolesFilter, RoleRow } from "@/lib/queries/activation/my-roles";
import { renewalStates } from "@/lib/queries/assignments/renewals";
import { OwnRolesList } from "./own-roles-list";
import { askForMoreTime } from "./renewals/actions";
import { sharedNames } from "./role-cells";

/** A tab of the caller's own roles. Each row shows the state of a request for more time, or offers to make one. */
export async function RenewableRoles<Row extends RoleRow>(props: {
  tab: "active" | "expired";
  caller: Caller;
  filter: OwnRolesFilter;
  read: (database: Database, caller: Caller, filter: OwnRolesFilter) => Promise<OwnRoles<Row>>;
  empty: { title: string; hint: string };
  label: string;
  head: string[];
  /** The cells of a row. `shared` are names that several resources have, and `moreTime` is its **Extend** or **Renew**. */
  cells: (row: Row, shared: ReadonlySet<string>, moreTime: React.ReactNode) => React.ReactNode;
}) {
  const { tab, caller, filter } = props;
  const { database } = application();
  const { rows, next } = await props.read(database, caller, filter);
  const renewals = await renewalStates(
    database,
    caller,
    rows.map((row) => row.id),
  );
  const shared = sharedNames(rows);
  return (
    <OwnRolesList
      tab={tab}
      label={props.label}
      head={props.head}
      filter={filter}
      count={rows.length}
      next={next}
      empty={props.empty}
    >
      {rows.map((row) => (
        <tr key={row.id}>
          {props.cells(
            row,
            shared,
            <RenewalCell
              id={row.id}
              roleName={row.roleName}
              resourceName={row.resourceName}
              state={renewals.get(row.id)}
              submit={askForMoreTime}
            />,
          )}
        </tr>
      ))}
    </OwnRolesList>
  );
}
