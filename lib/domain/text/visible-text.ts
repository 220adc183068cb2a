import { visibleText } from "@/lib/domain/text/unseen";

/** Letters written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A text of one line, safe on a page, in a mail or in a file. Characters that are invisible or affect
 * the text around them are written out.
 */
export function visible(text: string): string {
  return /^[ -~]*$/.test(text) ? text : visibleText(text);
}

/** The same for a text of several lines. */
export function visibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.split("\t").map(visible).join("\t"))
    .join("\n");
}

/** The isolates around a name within a sentence (`isolated`), opening and closing. */
const isolates = /(\u2068[^\u2066-\u2069\u202a-\u202e]*\u2069)/u;

/** The same for a sentence of the product's own, with isolated names left as they are. */
export function visibleSentence(text: string): string {
  return text
    .split(isolates)
    .map((part) => (isolates.test(part) ? `\u2068${visible(part.slice(1, -1))}\u2069` : visible(part)))
    .join("");
}

/**
 * A name within a sentence of plain text that cannot reverse the sentence. A name written from right to
 * left gets the isolates of the Unicode bidirectional algorithm (UAX 9). Other names need none.
 */
export function isolated(name: string): string {
  const shown = visible(name);
  return rightToLeft.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** Texts as a list within a sentence: "a, b and c". */
export function inList(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}
