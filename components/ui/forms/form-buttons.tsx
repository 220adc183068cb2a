"use client";

export interface FormButtonsProps {
  readonly submitLabel: string;
  readonly danger?: boolean;
  /** Not the first thing to do on its page: one primary button a view. */
  readonly secondary?: boolean;
  /** Nothing can be submitted as things are. The fields say why. */
  readonly blocked?: boolean;
  readonly onCancel?: () => void;
  /** The label of the other button. The default is **Cancel**. */
  readonly cancelLabel?: string;
}

interface State {
  readonly pending: boolean;
  /** Whether the page's scripts run. */
  readonly scripted: boolean;
  /** The refusal, which stands beside the buttons. */
  readonly children: React.ReactNode;
}

/** The end of a form: why it was refused, a way out, and the button that submits it, unless nothing can be submitted. */
export function FormButtons(props: FormButtonsProps & State) {
  const { submitLabel, danger, secondary, blocked, onCancel, cancelLabel, pending, scripted, children } =
    props;
  return (
    <div className="dialog-actions">
      {children}
      {onCancel ? (
        <button type="button" className="button" onClick={onCancel}>
          {blocked ? "Close" : (cancelLabel ?? "Cancel")}
        </button>
      ) : null}
      {blocked ? null : (
        <button
          type="submit"
          // Sent by the browser itself, what was typed would stand in the address.
          disabled={!scripted}
          className={`button ${danger ? "button-danger" : secondary ? "" : "button-primary"}`.trim()}
          aria-disabled={pending}
          aria-busy={pending}
        >
          {pending ? "Working…" : submitLabel}
        </button>
      )}
    </div>
  );
}
