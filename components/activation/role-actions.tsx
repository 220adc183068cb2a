import { ActivateButton } from "@/components/activation/activate-button";
import type { ActivationActions } from "@/components/activation/activation-panel";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Taken } from "@/lib/queries/activation/activation-terms";
import type { LastTime } from "@/lib/queries/activation/daily-roles";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The actions for what somebody already has of a role. */
export interface TakenActions {
  readonly deactivate: (form: FormData) => Promise<FormOutcome>;
  readonly cancelRequest: (form: FormData) => Promise<FormOutcome>;
}

interface OwnRole {
  /** The eligibility's id. */
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly taken: Taken | null;
}

/**
 * **Deactivate**, **Cancel activation**, **Cancel request** or **Enter your code**. Nothing for a role that the
 * person neither holds nor waits for.
 */
export function EndTaken({ role, actions }: { role: OwnRole; actions: TakenActions }) {
  const { taken } = role;
  const name = isolated(role.roleName);
  const subject = `${name} on ${isolated(role.resourceName)}`;
  switch (taken?.state) {
    case "Active":
      return taken.activated ? (
        <ConfirmButton
          label="Deactivate"
          subject={subject}
          title={`Deactivate ${name}?`}
          description={`You lose ${subject} immediately. You can activate it again while you are eligible.`}
          submit={actions.deactivate}
          fields={{ assignmentId: taken.assignmentId }}
        />
      ) : null;
    case "Scheduled":
      return taken.activated ? (
        <ConfirmButton
          label="Cancel activation"
          subject={subject}
          title={`Cancel the activation of ${name}?`}
          description={`${subject} will not become active at the time you chose. You can activate it again while you are eligible.`}
          submit={actions.deactivate}
          fields={{ assignmentId: taken.assignmentId }}
        />
      ) : null;
    case "Waiting":
      return (
        <>
          {taken.status === "PendingProvisioning" ? (
            <a href="/my-requests?show=waiting" className="button">
              Enter your code
            </a>
          ) : (
            <a
              href={`/requests/${taken.requestId}`}
              className="button"
              aria-label={`Open request: ${subject}`}
            >
              Open request
            </a>
          )}
          <ConfirmButton
            label="Cancel request"
            subject={subject}
            title={`Cancel the request for ${name}?`}
            description={`Nobody will decide on it. You can ask for ${subject} again while you are eligible.`}
            submit={actions.cancelRequest}
            fields={{ requestId: taken.requestId }}
          />
        </>
      );
    default:
      return null;
  }
}

/**
 * **Activate** for a role that the person does not hold. For an active role, activates it at a scope below it
 * or for later.
 */
export function ActivateRole(
  props: ActivationActions & {
    readonly role: OwnRole;
    readonly hasFactor: boolean;
    readonly scopeId?: string;
    readonly startsAt?: string;
    readonly open?: boolean;
    readonly lastTime?: LastTime;
  },
) {
  const { role, ...rest } = props;
  const { id, roleName, resourceName, resourceId, taken } = role;
  if (taken?.state === "Waiting" && !props.open) return null;
  return (
    <ActivateButton
      eligibilityId={id}
      roleName={roleName}
      resourceName={resourceName}
      resourceId={resourceId}
      active={taken?.state === "Active"}
      {...rest}
    />
  );
}
