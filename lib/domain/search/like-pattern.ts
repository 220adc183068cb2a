import { addressOrText } from "@/lib/domain/people/mail-address";
import { normalisedScope } from "@/lib/domain/resources/scope";

/**
 * A text that is searched for, in the composition in which names are stored (NFC): some systems type and copy accents
 * apart from their letters. A scope may have a slash at its end, and an address may be written otherwise than it is kept.
 */
export function searched(text: string): string {
  return text.startsWith("/") ? normalisedScope(text) : addressOrText(text.normalize("NFC"));
}

/** The most words of a search. The rest is not looked at. */
const mostWords = 12;

/** The words of a search. What is found has each of them, in any order. */
export function wordsOf(text: string): string[] {
  return searched(text).split(/\s+/).filter(Boolean).slice(0, mostWords);
}

/** A text without the signs that mean something in LIKE and ILIKE. */
export function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

/** A pattern for LIKE and ILIKE that matches everything that contains the literal text. */
export function containing(text: string): string {
  return `%${literally(searched(text))}%`;
}
