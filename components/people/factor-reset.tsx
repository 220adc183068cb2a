import { type ActionProps, PrincipalDialog } from "@/components/people/person-actions";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { PrincipalName } from "@/components/ui/principal-name";
import { principalText } from "@/lib/domain/people/principal-identity";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { WaitingReset } from "@/lib/queries/people/factor-reset";

/** What a reset waits for. */
function Waits({ reset }: { reset: WaitingReset }) {
  if (reset.dueAt)
    return (
      <>
        They stop working <Moment value={reset.dueAt} />. Until then they work.
      </>
    );
  return (
    <>
      It waits for a second administrator until <Moment value={reset.lapsesAt} />
      {reset.delayHours > 0
        ? `, and takes effect ${minutesInWords(reset.delayHours * 60)} after they have confirmed it.`
        : "."}
    </>
  );
}

/** Shows administrators that a reset of somebody's factors waits, and lets them confirm or withdraw it. */
export function PersonReset({
  reset,
  canConfirm,
  confirm,
  prepare,
  withdraw,
  ...shared
}: Omit<ActionProps, "submit"> & {
  reset: WaitingReset;
  /** Whether the reader may be the second administrator. */
  canConfirm: boolean;
  confirm: ActionProps["submit"];
  withdraw: ActionProps["submit"];
}) {
  const name = principalText(shared.principal);
  const shown = <input type="hidden" name="resetId" value={reset.id} />;
  return (
    <div className="banner mb-4">
      <Icon name="hourglass" size={18} className="text-muted" />
      <span className="grow basis-60">
        <strong>A reset of the second factors is waiting.</strong> <PrincipalName of={reset.askedBy} inline />{" "}
        asked for it <Moment value={reset.askedAt} />
        {reset.confirmedBy ? (
          <>
            , and <PrincipalName of={reset.confirmedBy} inline /> confirmed it
          </>
        ) : null}
        . <Waits reset={reset} />
      </span>
      {canConfirm ? (
        <PrincipalDialog
          {...shared}
          label="Confirm reset"
          title={`Confirm the reset of the second factors of ${name}`}
          description="First make sure yourself that the request really comes from this person."
          needsCode
          danger
          submit={confirm}
          prepare={prepare}
        >
          {shown}
        </PrincipalDialog>
      ) : null}
      <PrincipalDialog
        {...shared}
        label="Withdraw reset"
        title={`Withdraw the reset of the second factors of ${name}`}
        description="The factors stay as they are."
        needsCode={false}
        submit={withdraw}
        prepare={prepare}
      >
        {shown}
      </PrincipalDialog>
    </div>
  );
}

/** Shows the person that a reset of their own factors waits, with a button that stops it. Empty if there is none. */
export function OwnReset({
  reset,
  stop,
}: {
  reset: WaitingReset | null;
  stop: (form: FormData) => Promise<void>;
}) {
  if (reset === null) return null;
  return (
    <form action={stop} className="banner mb-5">
      <input type="hidden" name="resetId" value={reset.id} />
      <Icon name="hourglass" size={18} className="text-muted" />
      <span className="grow basis-60">
        <strong>A reset of your second factors is waiting.</strong>{" "}
        <PrincipalName of={reset.askedBy} inline /> asked for it <Moment value={reset.askedAt} />.{" "}
        <Waits reset={reset} /> If you have your factors, stop it, and tell another administrator if you did
        not ask for it.
      </span>
      <button type="submit" className="button button-primary">
        Stop the reset
      </button>
    </form>
  );
}
