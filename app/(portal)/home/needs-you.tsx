import { SeverityBadge } from "@/components/alerts/severity-badge";
import { RenewalCell } from "@/components/assignments/renewal-cell";
import { BreakGlassUses } from "@/components/people/break-glass-uses";
import { ActivateNow } from "@/components/requests/activate-now";
import { ReviewsToClose } from "@/components/requests/reviews-to-close";
import { ExceptionsToDecide } from "@/components/roles/exceptions-to-decide";
import { Countdown } from "@/components/ui/countdown";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { RoleAt } from "@/components/ui/role-at";
import { Row, Rows, Section } from "@/components/ui/section";
import { openAlertsText } from "@/lib/domain/alerts/alerts";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FactorState } from "@/lib/identity/factors/factor-state";
import type { AskedOfMe } from "@/lib/queries/access-reviews/reviews-for-me";
import type { EndingRow } from "@/lib/queries/activation/active-now";
import type { OpenAlerts } from "@/lib/queries/alerts/open-alerts";
import type { RenewalState } from "@/lib/queries/assignments/renewals";
import type { BreakGlassUse } from "@/lib/queries/people/break-glass-accounts";
import type { EmergencyReview } from "@/lib/queries/requests/break-glass";
import type { RequestRow } from "@/lib/queries/requests/requests";
import type { ExceptionToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { prepareProvisioning, provision } from "../my-requests/actions";
import { toActivate } from "../my-requests/to-activate";
import { askForMoreTime } from "../my-roles/renewals/actions";
import { closeSignInReview } from "../organisation/sign-in/break-glass/actions";
import { type ForMe, RequestsForMe } from "./requests-for-me";

/** Everything that waits for the reader. */
export interface Needs {
  readonly forMe: ForMe;
  readonly approved: readonly RequestRow[];
  /** Emergency activations of others that they may review. */
  readonly emergencies: readonly EmergencyReview[];
  /** Sign-ins by break-glass accounts that they may review. */
  readonly breakGlass: readonly BreakGlassUse[];
  /** Exceptions from conflict rules that they may decide. */
  readonly exceptions: readonly ExceptionToDecide[];
  readonly reviews: readonly AskedOfMe[];
  readonly alerts: readonly OpenAlerts[];
  readonly ending: readonly EndingRow[];
  readonly renewals: ReadonlyMap<string, RenewalState>;
  readonly factor: FactorState;
  /** No app, no passkey, and no identity provider that confirms. */
  readonly factorMissing: boolean;
  /** There is a role to activate, which may require a code. */
  readonly eligible: boolean;
}

function Line(props: { icon: IconName; children: React.ReactNode; end?: React.ReactNode }) {
  return (
    <Row end={props.end}>
      <span className="flex items-start gap-2.5">
        <Icon name={props.icon} className="mt-0.5 shrink-0 text-muted" />
        <span className="min-w-0">{props.children}</span>
      </span>
    </Row>
  );
}

/** The reviews that the reader has not answered in full. */
const openReviews = ({ reviews }: Needs) => reviews.filter((review) => review.decided < review.items);

/** Whether something waits for the reader besides requests to decide. */
function hasLines(needs: Needs): boolean {
  const { approved, alerts, ending, factor, factorMissing, eligible } = needs;
  const listed = [approved, openReviews(needs), alerts, ending].some((each) => each.length > 0);
  return listed || (eligible && factorMissing) || factor.lockedUntil !== null;
}

/** Whether anything waits for the reader. */
export function needsSomething(needs: Needs): boolean {
  const { activations, extensions } = needs.forMe;
  const listed = [needs.breakGlass, needs.emergencies, needs.exceptions, activations, extensions];
  return hasLines(needs) || listed.some((each) => each.length > 0);
}

/** **Needs you**: what waits for the reader, with what they can do about it in place. Empty if nothing waits. */
export function NeedsYou({ needs }: { needs: Needs }) {
  const { approved, alerts, ending, renewals, factor, eligible } = needs;
  const open = openReviews(needs);
  const enrol = eligible && needs.factorMissing;
  const lines = hasLines(needs);
  if (!needsSomething(needs)) return null;
  return (
    <Section id="needs-heading" title="Needs you">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {needs.breakGlass.length > 0 ? (
          <BreakGlassUses uses={needs.breakGlass} close={closeSignInReview} />
        ) : null}
        {needs.emergencies.length > 0 ? <ReviewsToClose reviews={needs.emergencies} /> : null}
        {needs.exceptions.length > 0 ? <ExceptionsToDecide exceptions={needs.exceptions} /> : null}
        {lines ? (
          <Rows label="Needs you">
            {factor.lockedUntil ? (
              <Line
                icon="lock-keyhole"
                end={
                  <a className="button" href="/account/security">
                    Security
                  </a>
                }
              >
                <strong>Your authenticator app is locked</strong>
                <span className="block text-muted">
                  After too many wrong codes, until <Moment value={factor.lockedUntil} />.
                </span>
              </Line>
            ) : null}
            {enrol ? (
              <Line
                icon="shield-check"
                end={
                  <a className="button" href="/account/security/enrol">
                    Set up
                  </a>
                }
              >
                <strong>Set up an authenticator app</strong>
                <span className="block text-muted">Roles that require a second factor ask for its code.</span>
              </Line>
            ) : null}
            {approved.map((row) => {
              const request = toActivate(row);
              return request ? (
                <Line
                  key={row.id}
                  icon="key-round"
                  end={
                    <ActivateNow
                      request={request}
                      hasFactor={factor.enrolled}
                      provision={provision}
                      prepareProvisioning={prepareProvisioning}
                    />
                  }
                >
                  Approved, waiting for your code: <RoleAt {...row} />
                  <span className="block text-muted">
                    Nothing is active yet. Time left to confirm:{" "}
                    <Countdown endsAt={request.expiresAt} now={request.now} />
                  </span>
                </Line>
              ) : null;
            })}
            {open.slice(0, 5).map((review) => (
              <Line
                key={review.id}
                icon="clipboard-check"
                end={
                  <a
                    className="button"
                    href={`/access-reviews/${review.id}`}
                    aria-label={`Review access: ${isolated(review.name)}`}
                  >
                    Review access
                  </a>
                }
              >
                Access review{" "}
                <strong>
                  <Name of={review.name} />
                </strong>
                <span className="block text-muted">
                  {review.items - review.decided} to answer, until <Moment value={review.endsAt} />
                </span>
              </Line>
            ))}
            {alerts.map((alert) => (
              <Line
                key={alert.kind}
                icon="bell-ring"
                end={
                  <a
                    className="button"
                    href={`/resources/${alert.resourceId}/alerts`}
                    aria-label={`Alerts: ${alert.title}`}
                  >
                    Alerts
                  </a>
                }
              >
                {alert.title} <SeverityBadge severity={alert.severity} />
                <span className="block text-muted">{openAlertsText(alert.count)} open</span>
              </Line>
            ))}
            {ending.map((row) => (
              <Line
                key={row.id}
                icon="calendar-clock"
                end={
                  <RenewalCell
                    id={row.id}
                    roleName={row.roleName}
                    resourceName={row.resourceName}
                    state={renewals.get(row.id)}
                    submit={askForMoreTime}
                  />
                }
              >
                {row.eligible ? "Your eligibility for" : "Your assignment of"} <RoleAt {...row} /> ends soon
                <span className="block text-muted">
                  <Moment value={row.endsAt} />
                </span>
              </Line>
            ))}
          </Rows>
        ) : null}
        <RequestsForMe forMe={needs.forMe} hasFactor={factor.enrolled} />
      </div>
    </Section>
  );
}
