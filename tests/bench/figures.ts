/** Sorted durations in milliseconds, and what one says of them. */
export interface Timings {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export function timingsOf(milliseconds: readonly number[]): Timings {
  const sorted = [...milliseconds].sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** How long each of so many runs takes, one after the other, after a few that do not count. */
export async function timeRuns(
  runs: number,
  work: (index: number) => Promise<unknown>,
  warmUp = 3,
): Promise<Timings> {
  const durations: number[] = [];
  for (let index = 0; index < runs + warmUp; index += 1) {
    const start = performance.now();
    await work(index);
    if (index >= warmUp) durations.push(performance.now() - start);
  }
  return timingsOf(durations);
}

export interface Row {
  readonly what: string;
  readonly measured: string;
  /** The figure of the same run that it is held against, and how many times it that is. */
  readonly floor?: string;
  readonly aim?: string;
}

export const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
export const ratio = (value: number, floor: number) => `${(value / floor).toFixed(1)} x`;

/** Prints a section as a table of plain text. */
export function printSection(title: string, rows: readonly Row[]): void {
  const head = { what: title, measured: "measured", floor: "beside its floor", aim: "aim" };
  const all = [head, ...rows];
  const width = (column: keyof Row) => Math.max(...all.map((row) => (row[column] ?? "").length));
  const columns = ["what", "measured", "floor", "aim"] as const;
  console.log("");
  for (const row of all) {
    console.log(
      columns
        .map((column) => (row[column] ?? "").padEnd(width(column)))
        .join("  ")
        .trimEnd(),
    );
  }
}
