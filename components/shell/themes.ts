/** The ways the portal can look, the reader's system deciding where they have not. */
export const themes = ["system", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

/** The theme that a cookie names, `system` for anything else. */
export function themeOf(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? "system";
}
