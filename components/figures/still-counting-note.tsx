/** Shown instead of figures that are being counted for the first time. */
export function StillCountingNote() {
  return (
    <p role="status" className="card mb-5 text-muted">
      These figures are being counted for the first time. This takes a few minutes at most; then they appear
      here. The lists of assignments are complete.
    </p>
  );
}
