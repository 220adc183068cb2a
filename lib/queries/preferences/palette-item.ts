/** One result. Everything in it goes to the browser. */
export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly href: string;
}

export const mostOfEach = 6;
