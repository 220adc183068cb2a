"use client";

export interface FormButtonsProps {
  readonly submitLabel: string;
  readonly danger?: boolean;
  /** Not the main action of its page, since there is only one primary button. */
  readonly secondary?: boolean;
  /** Nothing can be submitted at present. The fields say why. */
  readonly blocked?: boolean;
  readonly onCancel?: () => void;
  /** The label of the other button. The default is **Cancel**. */
  readonly cancelLabel?: string;
}

interface State {
  readonly pending: boolean;
  /** Whether the page's scripts run. */
  readonly scripted: boolean;
  /** The refusal, which is shown beside the buttons. */
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
          // If the browser itself submitted the form, the typed values would be part of the address.
          disabled={!scripted}
          // A label may end with a name, however long that is.
          className={`button button-named ${danger ? "button-danger" : secondary ? "" : "button-primary"}`.trim()}
          aria-disabled={pending}
          aria-busy={pending}
        >
          {pending ? "Working…" : submitLabel}
        </button>
      )}
    </div>
  );
}
