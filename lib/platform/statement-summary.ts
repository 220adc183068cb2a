/** How many statements are cached, and how long a summary is, as OpenTelemetry limits it. */
const [mostKept, longest] = [1_000, 255];

const kept = new Map<string, string>();

/** Names in a statement that are not tables: what it defines itself, and functions. */
function summarise(text: string): string {
  const defined = new Set(
    [...text.matchAll(/\b([a-z_]\w*)\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(/gi)].map(([, name]) => name),
  );
  const named = [...text.matchAll(/\b(?:FROM|JOIN)\s+(?:ONLY\s+)?"?([a-z_]\w*)"?(?!\w*\s*\()/gi)];
  const tables = new Set(
    named.flatMap(([, name = ""]) =>
      defined.has(name) || /^(LATERAL|SELECT|unnest)$/i.test(name) ? [] : [name],
    ),
  );
  return ["SELECT", ...tables].join(" ").slice(0, longest);
}

/**
 * A read in a few words, for a trace: the tables that it reads. It uses only words of the statement's text,
 * which has parameters instead of values, so it contains nothing that somebody typed.
 */
export function statementSummary(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const summary = summarise(text);
  if (kept.size < mostKept) kept.set(text, summary);
  return summary;
}
