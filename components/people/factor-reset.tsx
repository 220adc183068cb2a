import { type ActionProps, PrincipalDialog } from "@/components/people/principal-dialog";
import { ResetWaits } from "@/components/people/reset-waits";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { PrincipalName } from "@/components/ui/principal-name";
import { principalText } from "@/lib/domain/people/principal-identity";
import type { WaitingReset } from "@/lib/queries/people/factor-reset";

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
        . <ResetWaits reset={reset} />
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
