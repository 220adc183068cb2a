import { accessFile } from "@/lib/queries/assignments/access-columns";
import { membersToExport } from "@/lib/queries/assignments/access-export";
import { resourceExport } from "../../resource-export";
import { memberFilter, memberParameters, memberQuery } from "../member-query";

/** Exports the filtered assignments of a resource as CSV or JSON Lines. */
export const GET = resourceExport(
  { name: "postern-assignments", right: "readAssignments", what: "assignments" },
  ({ database, caller, resource, address }) => {
    const query = memberQuery(address);
    const filter = memberFilter(query, null);
    return {
      list: { resourceId: resource.id, name: "Assignments", filter: memberParameters(query) },
      ...accessFile({ resourceId: resource.id, where: query.where }),
      read: (after) => membersToExport(database, caller, resource.id, filter, after ?? ""),
    };
  },
);
