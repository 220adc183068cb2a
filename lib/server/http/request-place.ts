import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isUuid } from "@/lib/domain/text/uuid";
import { root } from "@/scripts/parts/root.mjs";

/** The addresses of health checks for machines. */
export const probes = ["/healthz", "/livez", "/readyz"] as const;

/** The addresses of the built product, such as `/resources/[resourceId]`. */
export function builtRoutes(distFolder: string): readonly string[] {
  const file = join(root, distFolder, "app-path-routes-manifest.json");
  const routes = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, string>>;
  return [...Object.values(routes).filter((route) => !route.startsWith("/_")), ...probes];
}

/**
 * Names the place of a path for the log. For an address of the product it is the path with its ids. For any
 * other it is empty, since people could have typed anything there.
 */
export function placesOf(routes: readonly string[]): (path: string) => string {
  const routeOf = routesOf(routes);
  return (path) => {
    const parts = path.split("/");
    return routeOf(path)
      .split("/")
      .map((part, index) => (part.startsWith("[") && isUuid(parts[index]) ? parts[index] : part))
      .join("/");
  };
}

/** Names the pattern of a path, such as `/requests/[requestId]`, which does not reveal whose page it is. */
export function routesOf(routes: readonly string[]): (path: string) => string {
  const known = routes.map((route) => ({ route, parts: route.split("/") }));
  return (path) => {
    if (path.startsWith("/_next/static/")) return "/_next/static";
    const asked = path.split("/");
    const found = known.find(
      ({ parts }) =>
        parts.length === asked.length &&
        parts.every((part, index) => part === asked[index] || part.startsWith("[")),
    );
    return found?.route ?? "unknown";
  };
}
