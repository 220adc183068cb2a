/**
 * The word, where it is one of those known. Throws for any other: what the types exclude can come from outside of them
 * all the same, and must not pass for the other choice of two.
 */
export function knownWord<Word extends string>(word: Word, known: readonly NoInfer<Word>[]): Word {
  if (!known.includes(word)) throw new Error(`“${word}” is none of ${known.join(", ")}`);
  return word;
}
