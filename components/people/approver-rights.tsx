import { Name } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import type { NamedApprover } from "@/lib/domain/people/named-approver";

/** The role settings that name a principal as approver. Everybody who joins a group gets its decision rights. */
export function ApproverRights({ rights }: { rights: readonly NamedApprover[] }) {
  return (
    <TableRegion label="Approver for" head={["Role settings", "Resource", "As", "Through"]}>
      {rights.map((right) => (
        <tr key={right.key}>
          <td>
            <a href={`/resources/${right.resourceId}/roles/${right.roleDefinitionId}/settings`}>
              <Name of={right.roleName} />
            </a>
          </td>
          <td className="cell-wide">
            <a href={`/resources/${right.resourceId}`}>
              <Name of={right.resourceName} />
            </a>
            <br />
            <code className="text-muted">{right.scope}</code>
          </td>
          <td>
            {right.escalation ? "Escalation approver" : "Approver"}
            {right.stages > 1 ? `, stage ${right.stage} of ${right.stages}` : ""}
          </td>
          <td>{right.group ? <PrincipalName of={right.group} /> : "Directly"}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
