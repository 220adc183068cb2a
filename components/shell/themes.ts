/** The themes. `system` follows the reader's system. */
export const themes = ["system", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

/** The theme from a cookie; `system` for anything else. */
export function themeOf(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? "system";
}
