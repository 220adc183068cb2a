/**
 * Returns the word if it is one of the known ones, and throws otherwise. Values from outside may
 * violate the type, and must not be taken for the other of two choices.
 */
export function knownWord<Word extends string>(word: Word, known: readonly NoInfer<Word>[]): Word {
  if (!known.includes(word)) throw new Error(`“${word}” is none of ${known.join(", ")}`);
  return word;
}
