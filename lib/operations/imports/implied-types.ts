import { ownScope, readPath } from "@/lib/domain/resources/own-path";
import { mostTypes, normalSegment } from "@/lib/domain/resources/own-type";
import type { Transaction } from "@/lib/platform/database";

const azure: ReadonlyMap<string, string> = new Map([
  ["subscriptions", "Microsoft.Resources/subscriptions"],
  ["resourcegroups", "Microsoft.Resources/resourceGroups"],
]);

/** The type of a resource by the word before its name in a path. Null if that word implies none. */
export async function impliedTypes(transaction: Transaction): Promise<(segment: string) => string | null> {
  const types = await transaction.ownResourceType.findMany({ select: { segment: true }, take: mostTypes });
  const own = new Set(types.map(({ segment }) => segment));
  return (text) => {
    const segment = normalSegment(text);
    return azure.get(segment) ?? (own.has(segment) ? segment : null);
  };
}

/**
 * Why a resource cannot have this path and type. Null if it can, or if the path is Azure's. In an organisation's own
 * paths, the path names the type, which must exist, and there is one way to write it (docs/resources.md).
 */
export function ownPathFault(
  { scope, resourceType }: { readonly scope: string; readonly resourceType: string },
  typeOf: (segment: string) => string | null,
): string | null {
  const path = readPath(scope);
  if (path?.kind !== "Own") return null;
  const written = path.names.reduce((base, { segment, name }) => ownScope(base, segment, name), path.base);
  if (written !== scope) return `Write the path as ${written}.`;
  const { segment } = path.names.at(-1) ?? { segment: "" };
  if (typeOf(segment) !== segment)
    return `No type has the path ${segment}. Add it under Types of resources, or correct the path.`;
  return resourceType === segment ? null : `Its path says that its type is ${segment}.`;
}
