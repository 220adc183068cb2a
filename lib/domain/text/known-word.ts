/**
 * Returns the word if it is one of the known ones, and throws otherwise. Values from outside may violate the type,
 * and must not pass for the other choice of two.
 */
export function knownWord<Word extends string>(word: Word, known: readonly NoInfer<Word>[]): Word {
  if (!known.includes(word)) throw new Error(`“${word}” is none of ${known.join(", ")}`);
  return word;
}
