import { CloseBreakGlassReview } from "@/components/people/close-break-glass-review";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Rows } from "@/components/ui/section";
import type { BreakGlassUse } from "@/lib/queries/people/break-glass-accounts";
import type { FormOutcome } from "@/lib/web/form-outcome";

const methods = {
  Password: "with the password",
  Passkey: "with a passkey",
  IdentityProvider: "through an identity provider",
} as const;

/** Sign-ins by break-glass accounts that wait for a review, each with the button that closes it. */
export function BreakGlassUses(props: {
  readonly uses: readonly BreakGlassUse[];
  readonly close: (form: FormData) => Promise<FormOutcome>;
}) {
  return (
    <Rows label="Sign-ins by break-glass accounts to review">
      {props.uses.map((use) => (
        <Row
          key={use.sessionId}
          end={
            use.mayClose ? (
              <CloseBreakGlassReview submit={props.close} sessionId={use.sessionId} account={use.principal} />
            ) : (
              <span className="text-muted">Somebody else must review it</span>
            )
          }
        >
          <span className="flex items-start gap-2.5">
            <Icon name="triangle-alert" className="mt-0.5 shrink-0 text-danger" />
            <span className="min-w-0">
              Somebody signed in with the break-glass account <PrincipalName of={use.principal} inline />
              <span className="block text-muted">
                <Moment value={use.usedAt} />, {methods[use.method]}, from {use.ipAddress}
              </span>
            </span>
          </span>
        </Row>
      ))}
    </Rows>
  );
}
