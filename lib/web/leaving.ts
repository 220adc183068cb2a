let ask: ((leave: () => void) => void) | null = null;

/** Has `question` asked before the page is left, until the returned function is called. */
export function askBeforeLeaving(question: (leave: () => void) => void): () => void {
  ask = question;
  return () => {
    if (ask === question) ask = null;
  };
}

/** Leaves the page, after a question if it has unsaved changes. For what leads away without being a link. */
export function leavePage(leave: () => void): void {
  if (ask) ask(leave);
  else leave();
}
