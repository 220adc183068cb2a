import { badRequest } from "@/lib/domain/directories/scim-fault";

const comparisons = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] as const;
export type Comparison = (typeof comparisons)[number];
export type FilterValue = string | number | boolean | null;

/** A filter (RFC 7644, section 3.4.2.2). Paths are in lower case, without the name of the core schema. */
export type Filter =
  | { readonly op: "and" | "or"; readonly filters: readonly Filter[] }
  | { readonly op: "not"; readonly filter: Filter }
  | { readonly op: "pr"; readonly path: string }
  | { readonly op: Comparison; readonly path: string; readonly value: FilterValue }
  /** A filter on the values of an attribute: `members[value eq "…"]`. */
  | { readonly op: "has"; readonly path: string; readonly filter: Filter };

/** The target of a PATCH operation: `name.familyName`, `members[value eq "…"]`, `emails[type eq "work"].value`. */
export interface PatchPath {
  readonly path: string;
  readonly filter: Filter | null;
  readonly sub: string | null;
}

/** How many characters, terms and brackets one filter may have. */
const longest = 4_000;
const mostTerms = 100;
const deepest = 20;

type Token =
  | { readonly kind: "word" | "mark"; readonly text: string }
  | { readonly kind: "value"; readonly value: FilterValue };

const pattern =
  /\s+|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.:-])|([[\]()])|(\.?[A-Za-z$][\w$.:-]*)/y;

function tokensOf(text: string, fault: (detail: string) => Error): Token[] {
  if (text.length > longest) throw fault(`It may have at most ${longest} characters.`);
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) throw fault(`It is not understood from character ${at + 1} on.`);
    const [, quoted, number, mark, word] = found;
    if (quoted !== undefined) tokens.push({ kind: "value", value: textOf(quoted, fault) });
    else if (number !== undefined) tokens.push({ kind: "value", value: Number(number) });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
  }
  return tokens;
}

function textOf(quoted: string, fault: (detail: string) => Error): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw fault("A text in it is not a JSON string.");
  }
}

const coreSchemas = /^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/;

/** An attribute's path in the form in which it is compared. */
export function attributePath(text: string): string {
  return text.toLowerCase().replace(coreSchemas, "");
}

/** The values without quotes that are not numbers. */
const literals: ReadonlyMap<string, FilterValue> = new Map<string, FilterValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class Reader {
  private at = 0;
  private terms = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly fault: (detail: string) => Error,
  ) {}

  any(depth: number): Filter {
    if (depth > deepest) throw this.fault("It is nested too deep.");
    const filters = [this.all(depth)];
    while (this.takesWord("or")) filters.push(this.all(depth));
    const [only] = filters;
    return only !== undefined && filters.length === 1 ? only : { op: "or", filters };
  }

  private all(depth: number): Filter {
    const filters = [this.one(depth)];
    while (this.takesWord("and")) filters.push(this.one(depth));
    const [only] = filters;
    return only !== undefined && filters.length === 1 ? only : { op: "and", filters };
  }

  private one(depth: number): Filter {
    this.terms += 1;
    if (this.terms > mostTerms) throw this.fault(`It may have at most ${mostTerms} terms.`);
    if (this.takesMark("(")) return this.closed(depth, ")");
    if (this.takesWord("not")) {
      if (!this.takesMark("(")) throw this.fault("An opening bracket must follow “not”.");
      return { op: "not", filter: this.closed(depth, ")") };
    }
    const path = attributePath(this.word("An attribute is missing."));
    if (this.takesMark("[")) return { op: "has", path, filter: this.closed(depth, "]") };
    const op = this.word("An operator is missing.").toLowerCase();
    if (op === "pr") return { op, path };
    const comparison = comparisons.find((each) => each === op);
    if (comparison === undefined) throw this.fault("An operator in it is not known.");
    return { op: comparison, path, value: this.value() };
  }

  private closed(depth: number, mark: string): Filter {
    const filter = this.any(depth + 1);
    if (!this.takesMark(mark)) throw this.fault(`A “${mark}” is missing.`);
    return filter;
  }

  private value(): FilterValue {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.kind === "value") return token.value;
    const word = token?.kind === "word" ? literals.get(token.text.toLowerCase()) : undefined;
    if (word === undefined) throw this.fault("A value in it is missing, or not in quotes.");
    return word;
  }

  takesWord(word: string): boolean {
    const token = this.tokens[this.at];
    const takes = token?.kind === "word" && token.text.toLowerCase() === word;
    if (takes) this.at += 1;
    return takes;
  }

  takesMark(mark: string): boolean {
    const token = this.tokens[this.at];
    const takes = token?.kind === "mark" && token.text === mark;
    if (takes) this.at += 1;
    return takes;
  }

  word(missing: string): string {
    const token = this.tokens[this.at];
    if (token?.kind !== "word") throw this.fault(missing);
    this.at += 1;
    return token.text;
  }

  ends(): boolean {
    return this.at === this.tokens.length;
  }
}

/** Reads a filter. Throws `invalidFilter` if it is invalid. */
export function parseFilter(text: string): Filter {
  const fault = (detail: string) => badRequest("invalidFilter", `The filter cannot be read. ${detail}`);
  const reader = new Reader(tokensOf(text, fault), fault);
  const filter = reader.any(0);
  if (!reader.ends()) throw fault("Something follows its end.");
  return filter;
}

/** Reads the path of a PATCH operation. Throws `invalidPath` if it is invalid. */
export function parsePath(text: string): PatchPath {
  const fault = (detail: string) => badRequest("invalidPath", `The path cannot be read. ${detail}`);
  const reader = new Reader(tokensOf(text, fault), fault);
  const path = attributePath(reader.word("An attribute is missing."));
  if (path.startsWith(".")) throw fault("An attribute is missing.");
  if (!reader.takesMark("[")) {
    if (!reader.ends()) throw fault("Something follows its end.");
    return { path, filter: null, sub: null };
  }
  const filter = reader.any(0);
  if (!reader.takesMark("]")) throw fault("A “]” is missing.");
  if (reader.ends()) return { path, filter, sub: null };
  const sub = reader.word("A sub-attribute is missing.");
  if (!sub.startsWith(".") || !reader.ends()) throw fault("Something follows its end.");
  return { path, filter, sub: sub.slice(1).toLowerCase() };
}
