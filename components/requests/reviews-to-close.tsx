import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { RoleAt } from "@/components/ui/role-at";
import { Row, Rows } from "@/components/ui/section";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { EmergencyReview } from "@/lib/queries/requests/break-glass";

/** Emergency activations of others whose review the reader may close, each with a link to it. */
export function ReviewsToClose({ reviews }: { readonly reviews: readonly EmergencyReview[] }) {
  return (
    <Rows label="Emergency activations to review">
      {reviews.map((review) => (
        <Row
          key={review.requestId}
          long
          end={
            <a
              className="button"
              href={`/requests/${review.requestId}`}
              aria-label={`Review: ${isolated(review.roleName)} on ${isolated(review.resourceName)}, ${principalText(review.member)}`}
            >
              Review
            </a>
          }
        >
          <span className="flex items-start gap-2.5">
            <Icon name="triangle-alert" className="mt-0.5 shrink-0 text-danger" />
            <span className="min-w-0">
              <PrincipalName of={review.member} inline /> approved their own request: <RoleAt {...review} />
              <span className="block text-muted">
                <Moment value={review.usedAt} />
                {review.active ? ", still active" : ""}. <LongText of={review.reason} />
              </span>
            </span>
          </span>
        </Row>
      ))}
    </Rows>
  );
}
