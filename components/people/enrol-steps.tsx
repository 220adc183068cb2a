/** A numbered step. `state` says whether it is still to come, under way or done. */
export function Step(props: {
  readonly number: number;
  readonly title: string;
  readonly state: "later" | "now" | "done";
  readonly children?: React.ReactNode;
}) {
  const { state } = props;
  return (
    <li
      aria-current={state === "now" ? "step" : undefined}
      className="grid grid-cols-[2rem_minmax(0,1fr)] gap-x-3 pb-5 last:pb-0"
    >
      <span
        aria-hidden="true"
        className={`grid size-7 place-items-center rounded-full border text-[0.93rem] font-semibold tabular-nums ${
          state === "now" ? "border-text bg-text text-canvas" : "border-edge text-muted"
        }`}
      >
        {state === "done" ? "✓" : props.number}
      </span>
      <div className="grid min-w-0 gap-3">
        <h2 className={`min-h-7 content-center ${state === "now" ? "" : "text-muted"}`}>
          {props.title}
          {state === "done" ? <span className="sr-only"> (done)</span> : null}
        </h2>
        {props.children}
      </div>
    </li>
  );
}
