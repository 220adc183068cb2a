import { settingsFile } from "@/lib/queries/roles/settings-columns";
import { settingsToExport } from "@/lib/queries/roles/settings-export";
import { resourceExport } from "../../resource-export";
import { rolesFilter } from "../../roles-filter";

/** Exports the filtered role settings of a resource, with what was edited below if asked, as CSV or JSON Lines. */
export const GET = resourceExport(
  { name: "postern-role-settings", right: "readRoleSettings", what: "role settings" },
  ({ database, caller, resource, address }) => {
    const { search, used } = rolesFilter(address);
    const filter = { search, used, below: address.where === "below" };
    return {
      list: { resourceId: resource.id, name: "Role settings", filter },
      ...settingsFile,
      read: (after) => settingsToExport(database, caller, resource.id, filter, after ?? ""),
    };
  },
);
