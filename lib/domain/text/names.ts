import { hasUnseen } from "@/lib/domain/text/unseen";

/**
 * Names that people type: how they are stored, what is wrong with one, and when two are the same
 * (docs/decisions/names.md).
 */

/** How many bytes of a name, as written and as compared, fit into every index of the database. */
const mostBytes = 2_000;

function tooLong(name: string): boolean {
  return [name, sameNameKey(name)].some((text) => new TextEncoder().encode(text).length > mostBytes);
}

/** A text in one composition (NFC), trimmed, with single spaces. */
export function normalisedName(text: string): string {
  return withoutOuterSpace(text.normalize("NFC").replaceAll(/\p{White_Space}+/gu, " "));
}

/** Not `trim()`, which also removes the invisible U+FEFF. */
function withoutOuterSpace(text: string): string {
  return text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
}

/**
 * What is wrong with a name, as a sentence; null if it is allowed. The field itself checks whether it
 * is empty or too long. White space around it is ignored, since it is removed.
 */
export function nameFault(text: string): string | null {
  const name = withoutOuterSpace(text);
  if (hasUnseen(name)) return "Leave out line breaks, and invisible, private and control characters.";
  if (tooLong(name)) return "Write a shorter name.";
  if (/^\p{M}/u.test(name)) return "Begin with a letter, not with an accent alone.";
  if (/\p{Mn}{5}/u.test(name.normalize("NFD"))) return "Put at most four accents on a letter.";
  return null;
}

/** What is wrong with a text of several lines, such as a description or a reason; null if it is allowed. */
export function textFault(text: string): string | null {
  const lines = text.replaceAll(/[\r\n\t]/g, " ");
  return hasUnseen(lines) ? "Leave out invisible, private and control characters." : null;
}

/** One letter in the case in which names are compared. A letter that would become several stays as it is. */
function folded(letter: string): string {
  if (letter === "\u0130") return "i";
  const plain = letter.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  if ([...plain].length === 1) return plain;
  const lower = letter.toLowerCase().normalize("NFKC");
  return [...lower].length === 1 ? lower : letter;
}

/**
 * The key that is equal for equal names: without invisible letters, in one composition, width and case,
 * with single spaces. The database's `name_key()` computes the same, and is decisive.
 */
export function sameNameKey(text: string): string {
  if (/^[!-~]*$/.test(text)) return text.toLowerCase();
  const seen = text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKC");
  return Array.from(seen, folded)
    .join("")
    .replaceAll("ß", "ss")
    .replaceAll("i\u0307", "i")
    .normalize("NFKC")
    .replaceAll(/[\t-\r \u0085\u1680\u2028\u2029]+/g, " ")
    .replaceAll(/^ | $/g, "");
}

/**
 * What is wrong with a scope, as a sentence; null if it is allowed. Each name in it must be a valid
 * name in its stored spelling.
 */
export function scopeFault(scope: string): string | null {
  if (tooLong(scope)) return "Write a shorter scope.";
  for (const name of scope.split("/").slice(1)) {
    const fault = nameFault(name);
    if (fault !== null) return fault;
    if (name !== normalisedName(name)) return "Leave out spaces around the names in it.";
  }
  return null;
}
