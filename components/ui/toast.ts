export interface Said {
  readonly kind: "success" | "error" | "info";
  readonly text: string;
  readonly milliseconds?: number;
}

const waiting: Said[] = [];
let show: ((said: Said) => void) | null = null;
let fetchPlace = () => {};

function showToast(said: Said) {
  if (show) return show(said);
  waiting.push(said);
  fetchPlace();
}

/** Says in a corner of the page what an action did. Toasts from before that corner exists are shown once it does. */
export const toast = {
  success: (text: string) => showToast({ kind: "success", text }),
  error: (text: string) => showToast({ kind: "error", text }),
  info: (text: string, milliseconds: number) => showToast({ kind: "info", text, milliseconds }),
};

/** Called when there is a toast and nothing shows it yet. */
export function onFirstToast(then: () => void) {
  fetchPlace = then;
}

/** Shows present and future toasts, until the returned function is called. */
export function showToasts(next: (said: Said) => void) {
  show = next;
  for (const said of waiting.splice(0)) next(said);
  return () => {
    show = null;
  };
}
