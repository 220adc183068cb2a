import { ResetWaits } from "@/components/people/reset-waits";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { PrincipalName } from "@/components/ui/principal-name";
import type { WaitingReset } from "@/lib/queries/people/factor-reset";

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
        <ResetWaits reset={reset} /> If you have your factors, stop it, and tell another administrator if you
        did not ask for it.
      </span>
      <button type="submit" className="button button-primary">
        Stop the reset
      </button>
    </form>
  );
}
