/** One change of a source text. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** What kind of change it is. */
  readonly name: string;
}

/**
 * What is changed in SQL: how a condition is joined, negated or compared, what is added to a set, which of several
 * values counts, and which rows are locked.
 */
const changes: readonly (readonly [pattern: RegExp, ...replacements: readonly string[]])[] = [
  [/\bAND\b/g, "OR"],
  [/\bOR\b/g, "AND"],
  [/\bIS NULL\b/g, "IS NOT NULL"],
  [/\bIS NOT NULL\b/g, "IS NULL"],
  [/(?<!IS )\bNOT (?!MATERIALIZED)/g, ""],
  [/(?<!NOT )\bEXISTS\b/g, "NOT EXISTS"],
  [/(?<!NOT )\bIN\b/g, "NOT IN"],
  [/= ANY\b/g, "<> ALL"],
  [/<> ALL\b/g, "= ANY"],
  [/<>(?! ALL)/g, "="],
  [/(?<![<>!:])=(?![>]| ANY)/g, "<>"],
  [/>=/g, ">", "<"],
  [/<=/g, "<", ">"],
  [/(?<![<>@-])>(?![>=])/g, ">=", "<="],
  [/<(?![<>=@])/g, "<=", ">="],
  [/@>/g, "&&"],
  [/&&/g, "@>"],
  [/\bUNION(?: ALL)?\b/g, "EXCEPT"],
  [/\bLEFT JOIN\b/g, "JOIN"],
  [/\bDISTINCT (?!FROM)/g, ""],
  [/\bTRUE\b/gi, "false"],
  [/\bFALSE\b/gi, "true"],
  [/\bbool_or\b/g, "bool_and"],
  [/\bbool_and\b/g, "bool_or"],
  [/\bmax(?=\()/g, "min"],
  [/\bmin(?=\()/g, "max"],
  [/\bleast\b/g, "greatest"],
  [/ \+ /g, " - "],
  [/\bFOR (?:UPDATE|SHARE)\b/g, ""],
];

/** Every change of the SQL in a source text. */
export function sqlMutants(source: string): Mutant[] {
  return sqlParts(source).flatMap(([from, to]) => {
    // Words in quotes are values, which stay.
    const text = source.slice(from, to).replace(/'[^']*'|"[^"]*"/g, (quoted) => "_".repeat(quoted.length));
    return changes.flatMap(([pattern, ...replacements]) =>
      [...text.matchAll(pattern)].flatMap(({ index, 0: found }) =>
        replacements.map((replacement) => ({
          start: from + index,
          end: from + index + found.length,
          replacement,
          name: `SQL ${found.trim()} -> ${replacement || "nothing"}`,
        })),
      ),
    );
  });
}

/** Where SQL stands: the text of tagged templates, without what is inserted into them. */
function sqlParts(source: string): [from: number, to: number][] {
  const parts: [number, number][] = [];
  // Each open template, and the number of braces that are open in what is inserted into it.
  const open: { readonly sql: boolean; from: number; braces: number | null }[] = [];
  const skipped = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"/y;
  for (let at = 0; at < source.length; at += 1) {
    const top = open.at(-1);
    if (top && top.braces === null) {
      if (source[at] === "\\") at += 1;
      else if (source[at] === "`" || source.startsWith("${", at)) {
        if (top.sql) parts.push([top.from, at]);
        if (source[at] === "`") open.pop();
        else [top.braces, at] = [1, at + 1];
      }
      continue;
    }
    skipped.lastIndex = at;
    const [skip] = skipped.exec(source) ?? [];
    if (skip !== undefined) at += skip.length - 1;
    else if (source[at] === "`")
      open.push({ sql: /[\w>]/.test(source[at - 1] ?? ""), from: at + 1, braces: null });
    else if (top && top.braces !== null) {
      if (source[at] === "{") top.braces += 1;
      if (source[at] === "}") top.braces -= 1;
      if (top.braces === 0) [top.braces, top.from] = [null, at + 1];
    }
  }
  return parts;
}
