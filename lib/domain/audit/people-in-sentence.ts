import type { SentencePart } from "@/lib/domain/audit/event-sentence";

/** The people whom a sentence names with their addresses, each once. */
export function peopleIn(
  parts: readonly SentencePart[],
): { readonly name: string; readonly address: string }[] {
  const people = parts.flatMap((part) =>
    typeof part !== "string" && part.address ? [{ name: part.name, address: part.address }] : [],
  );
  return [...new Map(people.map((each) => [each.address, each])).values()];
}
