import type { Match, ZxcvbnFactory } from "@zxcvbn-ts/core";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import {
  passwordLengthFault,
  type WeakKind,
  type WeakPart,
  weakPasswordText,
} from "@/lib/domain/people/password-rules";
import { inPasswordTurn } from "@/lib/identity/passwords/password";
import type { Database } from "@/lib/platform/database";

/** How many guesses a password must resist, as a power of ten: at 10,000 a second that takes three years. */
const leastGuesses = 12;
/**
 * Only the beginning of a longer password is judged. The time grows with the length, and more
 * characters make no password weaker.
 */
const longestJudged = 64;
/** Words of this product that an attacker would try (ASVS 5.0, 6.1.2). */
const ofThisProduct = ["postern", "admin", "administrator", "owner", "auditor", "approver", "welcome"];

let loaded: Promise<ZxcvbnFactory> | undefined;

/** The dictionaries take some 40 MB and a fifth of a second, so they are loaded when the first password is chosen. */
async function load(): Promise<ZxcvbnFactory> {
  const [core, common, english] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
    import("@zxcvbn-ts/language-en"),
  ]);
  return new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    maxLength: longestJudged,
    l33tMaxSubstitutions: 24,
  });
}

/** Whole texts and their words: an address, a name, the organisation's name. */
function wordsOf(about: readonly string[]): string[] {
  const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => [...word].length >= 3);
}

function kindOf(match: Match): WeakKind | null {
  switch (match.pattern) {
    case "dictionary": {
      const name = String(match.dictionaryName);
      if (name === "userInputs") return "own";
      if (name.startsWith("passwords")) return "leaked";
      return name.startsWith("firstnames") || name.startsWith("lastnames") ? "name" : "word";
    }
    case "wordSequence":
      return "word";
    case "spatial":
      return "keys";
    case "sequence":
      return "run";
    case "repeat":
      return "repetition";
    case "date":
    case "regex":
      return "date";
    default:
      return null;
  }
}

/**
 * What makes a password easy to guess; null if nothing does. `about` are the texts that somebody who
 * knows the person would try: name, address, the organisation's name. Works offline, with dictionaries
 * of leaked passwords, words and names.
 */
export async function weakParts(password: string, about: readonly string[]): Promise<WeakPart[] | null> {
  loaded ??= load();
  const found = (await loaded).check(password, wordsOf([...about, ...ofThisProduct]));
  if (found.guessesLog10 >= leastGuesses) return null;
  return found.sequence.flatMap((match): WeakPart[] => {
    const kind = kindOf(match);
    return kind === null || match.j - match.i < 1 ? [] : [{ from: match.i + 1, to: match.j + 1, kind }];
  });
}

/**
 * What is wrong with a chosen password by the organisation's rules, as a sentence beside the field;
 * null if nothing is. `about` are the person's name and address. Runs in the queue of `whose`, since
 * judging takes time as hashing does. Throws `Busy` if too many wait.
 */
export async function passwordFault(
  database: Database,
  password: string,
  about: readonly string[],
  whose: string,
): Promise<string | null> {
  const rules = await readSignInRules(database.client);
  const fault = passwordLengthFault(password, rules.minimumPasswordLength);
  if (fault !== null) return fault;
  const weak = await inPasswordTurn(whose, () => weakParts(password, [...about, rules.installationName]));
  return weak === null ? null : weakPasswordText(weak);
}
