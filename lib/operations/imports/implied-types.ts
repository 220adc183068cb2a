import { mostTypes, normalSegment } from "@/lib/domain/resources/own-type";
import type { Transaction } from "@/lib/platform/database";

const azure: ReadonlyMap<string, string> = new Map([
  ["subscriptions", "Microsoft.Resources/subscriptions"],
  ["resourcegroups", "Microsoft.Resources/resourceGroups"],
]);

/** The type of a resource by the word before its name in a path; null if that word says none. */
export async function impliedTypes(transaction: Transaction): Promise<(segment: string) => string | null> {
  const types = await transaction.ownResourceType.findMany({ select: { segment: true }, take: mostTypes });
  const own = new Set(types.map(({ segment }) => segment));
  return (text) => {
    const segment = normalSegment(text);
    return azure.get(segment) ?? (own.has(segment) ? segment : null);
  };
}
