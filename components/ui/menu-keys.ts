/** The items of a menu. In a group of row actions they are its buttons and links. */
export function itemsOfMenu(menu: HTMLElement): HTMLElement[] {
  const items = menu.role === "group" ? "a, button" : "[role^=menuitem]";
  return [...menu.querySelectorAll<HTMLElement>(items)];
}

/**
 * The keys of an open menu (ARIA Authoring Practices): arrows, Home, End and first letters move, Tab closes.
 * The browser handles Escape.
 */
export function moveInMenu(event: React.KeyboardEvent<HTMLElement>, close: () => void): void {
  const all = itemsOfMenu(event.currentTarget);
  const at = all.findIndex((item) => item.matches(":focus"));
  const letter = event.key.length === 1 ? event.key.toLowerCase() : null;
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const found = letter
    ? [...all.slice(at + 1), ...all].find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))
    : event.key in steps
      ? all.at((steps[event.key] ?? 0) % all.length)
      : undefined;
  if (event.key === "Tab") close();
  if (!found) return;
  event.preventDefault();
  found.focus();
}
