/** The ids of the resources on a path, from the root down: a path is their ids, without hyphens, joined by dots. */
export function idsOfPath(path: string): string[] {
  return path.split(".").map((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
}

/** The id of the resource that a path leads to. */
export function lastIdOfPath(path: string): string {
  return idsOfPath(path.slice(-32))[0] ?? "";
}

/** The paths of which none lies below another. */
export function outermost(paths: readonly string[]): string[] {
  const top: string[] = [];
  // In order, what lies below a path follows it: ids are followed by dots, which come before whatever is in an id.
  for (const path of [...new Set(paths)].sort()) {
    const last = top.at(-1);
    if (last === undefined || !path.startsWith(`${last}.`)) top.push(path);
  }
  return top;
}
