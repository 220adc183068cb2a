import { Instrumenter } from "@stryker-mutator/instrumenter";
import { type Mutant, sqlMutants } from "./sql-mutants.ts";

const silent = {
  ...{ isTraceEnabled: () => false, isDebugEnabled: () => false, isInfoEnabled: () => false },
  ...{ isWarnEnabled: () => false, isErrorEnabled: () => false, isFatalEnabled: () => false },
  ...{ trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} },
};

/** Every change of a source file: those that Stryker knows, and those of its SQL, in the order of the text. */
export async function mutantsOf(file: string, source: string): Promise<Mutant[]> {
  const lines = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offset = ({ line, column }: { line: number; column: number }) => (lines[line] ?? 0) + column;
  const { mutants } = await new Instrumenter(silent).instrument(
    [{ name: file, mutate: true, content: source }],
    { plugins: null, excludedMutations: ["StringLiteral"], ignorers: [] },
  );
  const known = mutants
    .filter(({ status }) => status !== "Ignored")
    .map(({ location, replacement, mutatorName }) => ({
      start: offset(location.start),
      end: offset(location.end),
      replacement,
      name: mutatorName,
    }));
  return [...known, ...sqlMutants(source)].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** A source text with one change. */
export function changed(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** So many of the items, evenly spread. */
export function sample<Item>(items: readonly Item[], size: number): Item[] {
  if (items.length <= size) return [...items];
  return Array.from(
    { length: size },
    (_, index) => items[Math.floor(((index + 0.5) * items.length) / size)] as Item,
  );
}
