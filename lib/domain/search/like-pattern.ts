import { addressOrText } from "@/lib/domain/people/mail-address";
import { normalisedScope } from "@/lib/domain/resources/scope";

/**
 * A search text, in the composition in which names are stored (NFC), since some systems type and copy
 * accents separately from their letters. A scope may end with a slash, and an address may be written
 * differently from its stored form.
 */
export function searched(text: string): string {
  return text.startsWith("/") ? normalisedScope(text) : addressOrText(text.normalize("NFC"));
}

/** The most words of a search. Further ones are ignored. */
const mostWords = 12;

/** The words of a search. Every match contains each of them, in any order. */
export function wordsOf(text: string): string[] {
  return searched(text).split(/\s+/).filter(Boolean).slice(0, mostWords);
}

/** A text in which the signs with a meaning in LIKE and ILIKE are escaped. */
export function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

/** A pattern for LIKE and ILIKE that matches everything that contains the literal text. */
export function containing(text: string): string {
  return `%${literally(searched(text))}%`;
}
