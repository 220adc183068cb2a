import { Moment } from "@/components/time/moment";
import { type RecommendationReason, recommendationWords } from "@/lib/domain/review-item";

interface Item {
  readonly principalName: string;
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  readonly email: string | null;
  readonly roleName: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly access: "Eligible" | "Active";
  readonly accessStartsAt: Date;
  readonly accessEndsAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly recommendation: "Approve" | "Deny";
  readonly recommendationReason: RecommendationReason;
}

/** The columns that tell what is under review; a row begins with them, or with what selects it. */
export const itemColumns = ["Member", "Role", "Since and until", "Last use", "Recommendation"];

export function MemberCell({ item }: { item: Item }) {
  return (
    <td>
      <span className="font-medium">{item.principalName}</span>
      <span className="block text-muted">{item.email ?? item.principalType}</span>
    </td>
  );
}

/** Everything about an item but whose it is. */
export function ItemCells({ item }: { item: Item }) {
  return (
    <>
      <td>
        {item.roleName}
        <span className={`badge ml-2 ${item.access === "Active" ? "badge-warning" : ""}`}>{item.access}</span>
        <span className="block text-muted" title={item.scope}>
          on {item.resourceName}
        </span>
      </td>
      <td>
        <Moment value={item.accessStartsAt} />
        <span className="block text-muted">
          {item.accessEndsAt ? (
            <>
              until <Moment value={item.accessEndsAt} />
            </>
          ) : (
            "permanent"
          )}
        </span>
      </td>
      <td>
        {item.lastUsedAt ? (
          <>
            <Moment value={item.lastUsedAt} />
            <span className="block text-muted">
              {item.access === "Eligible" ? "last activation" : "last sign-in"}
            </span>
          </>
        ) : (
          <span className="text-muted">
            {item.access === "Eligible" ? "Never activated" : "No sign-in known"}
          </span>
        )}
      </td>
      <td>
        <span className="font-medium">{item.recommendation === "Approve" ? "Approve" : "Deny"}</span>
        <span className="block text-muted">
          {recommendationWords(item.recommendationReason, item.access)}
        </span>
      </td>
    </>
  );
}
