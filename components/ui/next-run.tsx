import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";

/** When something scheduled runs next and with whose rights, or why it is paused. */
export function NextRun(props: {
  /** Why it is paused; null if it is not. */
  readonly paused: string | null;
  /** Whether it paused itself, so that somebody has to do something about it. */
  readonly pausedItself: boolean;
  /** Shown instead of the moment while it runs, and after somebody requested a run. */
  readonly soon: string | null;
  readonly nextAt: Date;
  readonly administrator: { readonly displayName: string };
}) {
  if (props.paused)
    return (
      <>
        <span className={props.pausedItself ? "badge badge-warning" : "badge"}>Paused</span>
        <p className="mt-1 text-muted">{props.paused}</p>
      </>
    );
  return (
    <>
      {props.soon ?? <Moment value={props.nextAt} />}
      <p className="text-muted">
        for <Name of={props.administrator.displayName} />
      </p>
    </>
  );
}
