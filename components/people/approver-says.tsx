import Link from "next/link";
import { TableRegion } from "@/components/ui/page-parts";

interface Say {
  readonly key: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly stage: number;
  readonly stages: number;
  readonly escalation: boolean;
  readonly groupName: string | null;
}

/** The role settings by which a principal decides on requests: what whoever joins a group gets a say in. */
export function ApproverSays({ says }: { says: readonly Say[] }) {
  return (
    <TableRegion label="Approver for" head={["Role settings", "Resource", "As", "Through"]}>
      {says.map((say) => (
        <tr key={say.key}>
          <td>
            <Link href={`/resources/${say.resourceId}/roles/${say.roleDefinitionId}/settings`}>
              {say.roleName}
            </Link>
          </td>
          <td className="cell-wide">
            <Link href={`/resources/${say.resourceId}`}>{say.resourceName}</Link>
            <br />
            <code className="text-muted">{say.scope}</code>
          </td>
          <td>
            {say.escalation ? "Escalation approver" : "Approver"}
            {say.stages > 1 ? `, stage ${say.stage} of ${say.stages}` : ""}
          </td>
          <td>{say.groupName ?? "Directly"}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
