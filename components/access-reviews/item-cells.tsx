import { DecisionBadge } from "@/components/access-reviews/review-badges";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { type ReviewDecision, recommendationWords } from "@/lib/domain/access-reviews/review-item";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { ReviewItemRow } from "@/lib/queries/access-reviews/access-review-items";

/** The columns that describe what is under review. The first cell may contain the check box. */
export const itemColumns = ["Member", "Role", "Since and until", "Recommendation and last use"];

export function MemberCell({ item }: { item: ReviewItemRow }) {
  return (
    <td>
      <PrincipalWithFormer className="font-medium" of={item.member} />
      <ThroughGroup item={item} />
    </td>
  );
}

/** The group through which a member has the access, and what else they lose if they are removed from it. */
export function ThroughGroup({ item }: { item: ReviewItemRow }) {
  const { group } = item;
  if (group === null) return null;
  const { count, roles } = group.alsoGives;
  return (
    <div className="text-muted wrap-anywhere">
      through <PrincipalName of={group} inline />
      {count === 0 ? (
        <p>Denying removes them from the group.</p>
      ) : (
        <details>
          <summary className="cursor-pointer">
            Denying removes them from the group, which also gives{" "}
            {count === 1 ? "another role" : `${count.toLocaleString("en")} other roles`}
          </summary>
          <ul className="mt-1 list-disc pl-5">
            {roles.map(({ access, roleName, resourceName }) => (
              <li key={`${access} ${roleName} ${resourceName}`}>
                <Name of={roleName} /> on <Name of={resourceName} /> ({access})
              </li>
            ))}
            {count > roles.length ? <li>and {(count - roles.length).toLocaleString("en")} more</li> : null}
          </ul>
        </details>
      )}
    </div>
  );
}

/** The cells of an item, except its member. */
export function ItemCells({ item }: { item: ReviewItemRow }) {
  return (
    <>
      <td>
        <Name of={item.roleName} />
        <span className="flex flex-wrap items-center gap-x-2 text-muted" title={item.scope}>
          <span className={`badge ${item.access === "Active" ? "badge-accent" : ""}`}>{item.access}</span>
          <span>
            on <Name of={item.resourceName} />
          </span>
        </span>
      </td>
      <td>
        <Moment value={item.accessStartsAt} />
        <span className="block text-muted sm:whitespace-nowrap">
          {item.accessEndsAt ? (
            <>
              until <Moment value={item.accessEndsAt} />
            </>
          ) : (
            "permanent"
          )}
        </span>
      </td>
      <td className="cell-wide">
        <span className="font-medium">{item.recommendation === "Approve" ? "Approve" : "Deny"}</span>
        {": "}
        {recommendationWords(item.recommendationReason, item.access, item.unusedDays).toLowerCase()}
        <span className="block text-muted">
          <LastUse item={item} />
        </span>
      </td>
    </>
  );
}

/** The evidence for the recommendation, with its own date, since it is not looked up again while the review runs. */
function LastUse({ item }: { item: ReviewItemRow }) {
  const { access, lastUsedAt, asOf } = item;
  const until = asOf ? (
    <>
      , as of <Moment value={asOf} />
    </>
  ) : null;
  if (lastUsedAt === null)
    return (
      <>
        {access === "Eligible" ? "No activation known" : "No sign-in known"}
        {until}
      </>
    );
  return (
    <>
      {access === "Eligible" ? "Last activated" : "Last signed in"} <Moment value={lastUsedAt} />
      {until}
    </>
  );
}

/** The decision, who made it and why, and what can be done with it. */
export function DecisionCell(props: {
  item: {
    readonly decision: ReviewDecision | null;
    readonly decidedBy: PrincipalIdentity | null;
    readonly decidedLate: boolean;
    readonly reason: string | null;
  };
  children?: React.ReactNode;
}) {
  const { decision, decidedBy, decidedLate, reason } = props.item;
  return (
    <td>
      <DecisionBadge decision={decision} />
      {decidedBy ? (
        <span className="block text-muted wrap-anywhere">
          by <PrincipalName of={decidedBy} inline />
        </span>
      ) : null}
      {decidedLate ? <span className="badge badge-warning">Joined after the start</span> : null}
      {reason ? (
        <span className="block max-w-56">
          <LongText of={reason} />
        </span>
      ) : null}
      <div className="mt-2 empty:hidden">{props.children}</div>
    </td>
  );
}
