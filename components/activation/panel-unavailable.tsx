import type { ReactNode } from "react";

/** Shown instead of a panel's fields when its action is impossible now: why, and a button to try again. */
export function PanelUnavailable({
  children,
  onRetry,
  onClose,
}: {
  readonly children: ReactNode;
  readonly onRetry: () => void;
  readonly onClose: () => void;
}) {
  return (
    <div className="grid gap-4">
      <div role="alert" className="banner">
        <p>{children}</p>
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    </div>
  );
}
