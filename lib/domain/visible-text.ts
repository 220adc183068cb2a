/**
 * Characters that act on the text around them, or that nobody sees: controls, line separators, halves of surrogate
 * pairs, format characters such as the overrides of direction, and what Unicode calls ignorable by default.
 */
const acting = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Where such a character is part of writing: in joined emoji, and between letters of scripts that need joiners. */
const emoji =
  /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)*/gu;
const joined =
  /(?<=[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}])[\u200c\u200d](?=[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}])/gu;

/** Letters written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

function codePoint(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `⟨U+${number.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/**
 * A text as it may stand on a page, in a mail or in a file: a character that would act on the text around it, or that
 * would not be seen, is written out, as `⟨U+202E⟩` (Unicode Technical Report 36, section 2.3).
 */
export function visible(text: string): string {
  if (text.search(acting) < 0) return text;
  const kept = new Set<number>();
  for (const found of [...text.matchAll(emoji), ...text.matchAll(joined)])
    for (let index = found.index; index < found.index + found[0].length; index += 1) kept.add(index);
  return text.replaceAll(acting, (character, index: number) =>
    kept.has(index) ? character : codePoint(character),
  );
}

/** The same for a text of several lines. */
export function visibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.split("\t").map(visible).join("\t"))
    .join("\n");
}

/** What stands around a name within a sentence (`isolated`), opened and closed. */
const isolates = /(\u2068[^\u2066-\u2069\u202a-\u202e]*\u2069)/u;

/** The same for a sentence of ours: names that stand isolated in it stay so. */
export function visibleSentence(text: string): string {
  return text
    .split(isolates)
    .map((part) => (isolates.test(part) ? `\u2068${visible(part.slice(1, -1))}\u2069` : visible(part)))
    .join("");
}

/**
 * A name within a sentence of plain text, which cannot turn the sentence around: with a name written from right to
 * left the isolates of the Unicode bidirectional algorithm (UAX 9) stand around it; other names need none.
 */
export function isolated(name: string): string {
  const shown = visible(name);
  return rightToLeft.test(shown) ? `\u2068${shown}\u2069` : shown;
}
