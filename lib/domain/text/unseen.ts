/** Scripts in which a joiner or non-joiner between two letters is part of the spelling. */
const joined = [
  ..."Arabic Syriac Mongolian Nko Mandaic Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu".split(" "),
  ..."Kannada Malayalam Sinhala Khmer Myanmar Tibetan".split(" "),
]
  .map((script) => `\\p{Script=${script}}`)
  .join("");
const between = new RegExp(`(?<=[${joined}])[\\u200C\\u200D](?=[${joined}])`, "gu");
/** The characters that join emoji, and that make an emoji of another sign. */
const ofEmoji =
  /(?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200D(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\uFE0F/gu;

/**
 * Characters that are invisible or change how the text around them is shown. Private and unassigned
 * characters count as well.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u{1D159}]/gu;

/** Whether a text has invisible characters, or characters that change how others are shown. */
export function hasUnseen(text: string): boolean {
  return visibleText(text) !== text;
}

/** A foreign text with its invisible characters written out, such as `⟨U+202E⟩`. */
export function visibleText(text: string): string {
  const spelt = new Set([...text.matchAll(between), ...text.matchAll(ofEmoji)].map(({ index }) => index));
  return text.replaceAll(unseen, (letter, index: number) =>
    spelt.has(index) ? letter : `⟨U+${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
