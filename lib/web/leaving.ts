let ask: ((leave: () => void) => void) | null = null;

/** Makes `question` be asked before the page is left, until the returned function is called. */
export function askBeforeLeaving(question: (leave: () => void) => void): () => void {
  ask = question;
  return () => {
    if (ask === question) ask = null;
  };
}

/** Leaves the page, after a question if it has unsaved changes. For navigation that is not a link. */
export function leavePage(leave: () => void): void {
  if (ask) ask(leave);
  else leave();
}

let hold: ((event: PopStateEvent) => void) | null = null;

/** Tells `first` that the browser went Back or Forward before the router knows, until the returned function is called. */
export function holdBack(first: (event: PopStateEvent) => void): () => void {
  hold = first;
  return () => {
    if (hold === first) hold = null;
  };
}

/** The browser went Back or Forward, and the router does not know yet. */
export function wentBack(event: PopStateEvent): void {
  hold?.(event);
}
