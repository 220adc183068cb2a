/** NIST SP 800-63B and ASVS 5.0, 6.2: length counts, composition does not, and what is easily guessed is refused. */
export const minimumPasswordLength = 12;
export const maximumPasswordLength = 1_000;
/** How many characters must be left of a password without its guessable parts. */
const minimumUnguessed = 7;

/** The parts of common passwords, and words of this product (ASVS 5.0, 6.1.2). Lower case, longest first. */
const guessable = [
  ...[
    "administrator",
    "qwertyuiop",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "asdfghjkl",
    "superman",
    "passwort",
    "password",
  ],
  ...[
    "princess",
    "sunshine",
    "iloveyou",
    "trustno",
    "football",
    "baseball",
    "starwars",
    "whatever",
    "computer",
  ],
  ...["internet", "changeme", "september", "november", "december", "february", "1q2w3e", "qwertz", "qwerty"],
  ...["letmein", "welcome", "default", "postern", "zxcvbnm", "october", "january", "liverpool", "michael"],
  ...[
    "monkey",
    "dragon",
    "shadow",
    "master",
    "secret",
    "summer",
    "winter",
    "spring",
    "autumn",
    "access",
    "azerty",
  ],
  ...[
    "batman",
    "charlie",
    "jordan",
    "killer",
    "hunter",
    "freedom",
    "august",
    "login",
    "admin",
    "guest",
    "hello",
  ],
  ...["owner", "test", "user", "pass", "root", "asdf", "zxcv", "qwer", "love", "abc"],
];
const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** A password without guessable words, with runs such as `aaaa`, `1234` or `dcba` counted as one. */
function unguessed(text: string, words: readonly string[]): number {
  const left = words.reduce((rest, word) => rest.replaceAll(word, ""), text);
  const characters = [...left];
  return characters.filter((character, index) => {
    const before = characters[index - 1];
    return (
      before === undefined || Math.abs((character.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)) > 1
    );
  }).length;
}

/** Words that somebody who knows the person would try: parts of the name and address. */
function wordsOf(context: readonly string[]): string[] {
  return context
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 4)
    .sort((left, right) => right.length - left.length);
}

/**
 * What is wrong with a chosen password, as a sentence beside the field; null if it is good. `context` is the person's
 * name and email.
 */
export function passwordFault(password: string, context: readonly string[]): string | null {
  const length = [...password].length;
  if (length < minimumPasswordLength) return `Choose at least ${minimumPasswordLength} characters.`;
  if (length > maximumPasswordLength) return `Choose at most ${maximumPasswordLength} characters.`;
  const words = [...wordsOf(context), ...guessable];
  const lower = password.toLowerCase();
  const plain = [...lower].map((character) => lookalikes[character] ?? character).join("");
  return Math.min(unguessed(lower, words), unguessed(plain, words)) < minimumUnguessed
    ? "This password is easily guessed. Choose one without common words, your name or simple runs."
    : null;
}
