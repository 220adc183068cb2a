import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isUuid } from "@/lib/domain/text/uuid";
import { root } from "@/scripts/parts/root.mjs";

/** The addresses of the built product, such as `/resources/[resourceId]`. */
export function builtRoutes(distFolder: string): readonly string[] {
  const file = join(root, distFolder, "app-path-routes-manifest.json");
  const routes = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, string>>;
  return [...Object.values(routes).filter((route) => !route.startsWith("/_")), "/healthz"];
}

/**
 * Names the place of a path for the log: for an address of the product the path with its ids, and nothing for any
 * other, since people could have typed anything there.
 */
export function placesOf(routes: readonly string[]): (path: string) => string {
  const known = routes.map((route) => route.split("/"));
  return (path) => {
    if (path.startsWith("/_next/static/")) return "/_next/static";
    const parts = path.split("/");
    const route = known.find(
      (each) =>
        each.length === parts.length &&
        each.every((part, index) => part === parts[index] || part.startsWith("[")),
    );
    if (route === undefined) return "unknown";
    return route.map((part, index) => (isUuid(parts[index]) ? parts[index] : part)).join("/");
  };
}
