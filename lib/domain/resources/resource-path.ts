/** The length of an id in a path. A path is the ids from the root down, without hyphens, joined by dots. */
export const idLength = 32;

const withHyphens = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/** The ids on a path, from the root down, its own last. */
export function idsOnPath(path: string): string[] {
  return path.split(".").map(withHyphens);
}

/** The ids on several paths, each once. */
export function idsAbove(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => path.split(".").slice(0, -1)))].map(withHyphens);
}

/** Those of the paths that do not lie below another one. */
export function outermost(paths: readonly string[]): string[] {
  const top: string[] = [];
  // Once sorted, everything below a path follows it, since a dot sorts before every character of an id.
  for (const path of [...new Set(paths)].sort()) {
    const last = top.at(-1);
    if (last === undefined || !path.startsWith(`${last}.`)) top.push(path);
  }
  return top;
}
