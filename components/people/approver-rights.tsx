import Link from "next/link";
import { Name } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import type { NamedApprover } from "@/lib/domain/people/named-approver";

/** The role settings by which a principal decides on requests: what whoever joins a group gets a say in. */
export function ApproverRights({ says }: { says: readonly NamedApprover[] }) {
  return (
    <TableRegion label="Approver for" head={["Role settings", "Resource", "As", "Through"]}>
      {says.map((say) => (
        <tr key={say.key}>
          <td>
            <Link href={`/resources/${say.resourceId}/roles/${say.roleDefinitionId}/settings`}>
              <Name of={say.roleName} />
            </Link>
          </td>
          <td className="cell-wide">
            <Link href={`/resources/${say.resourceId}`}>
              <Name of={say.resourceName} />
            </Link>
            <br />
            <code className="text-muted">{say.scope}</code>
          </td>
          <td>
            {say.escalation ? "Escalation approver" : "Approver"}
            {say.stages > 1 ? `, stage ${say.stage} of ${say.stages}` : ""}
          </td>
          <td>{say.group ? <PrincipalName of={say.group} /> : "Directly"}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
