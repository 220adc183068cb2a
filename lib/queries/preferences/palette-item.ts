/** One result. Everything in it goes to the browser. */
export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly href: string;
}

export const mostOfEach = 6;

/** What is found of one kind, and the likely next steps for its best match. */
export type FoundOfKind = Readonly<Record<"items" | "next", readonly PaletteItem[]>>;

export const nothingFound: FoundOfKind = { items: [], next: [] };
