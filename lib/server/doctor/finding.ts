/** The environment that Postern is started with. */
export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * The result of a check. `fault`: something does not work, or will not. `warning`: it works, but not as well or
 * as safely as it should. `unchecked`: it could not be checked.
 */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "fault" | "unchecked";
  readonly found: string;
  /** What to do about it; null if there is nothing to do. */
  readonly todo: string | null;
}

/** Findings of one check, by their states. */
export function findingsOf(check: string) {
  return {
    ok: (found: string): Finding => ({ check, state: "ok", found, todo: null }),
    warning: (found: string, todo: string): Finding => ({ check, state: "warning", found, todo }),
    fault: (found: string, todo: string): Finding => ({ check, state: "fault", found, todo }),
    unchecked: (found: string): Finding => ({ check, state: "unchecked", found, todo: null }),
  };
}

/** The exit code, as monitors read it: 0 in order, 1 a warning or something that could not be checked, 2 a fault. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === "fault")) return 2;
  return findings.some(({ state }) => state !== "ok") ? 1 : 0;
}

/** The report for people: a line for each finding, what to do below it, and how many there are of each state. */
export function reportOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, todo }) => [
    `${state.padEnd(9)}  ${check.padEnd(width)}  ${found}`,
    ...(todo === null ? [] : [`${" ".repeat(9)}  ${" ".repeat(width)}  ${todo}`]),
  ]);
  const count = (wanted: Finding["state"]) => findings.filter(({ state }) => state === wanted).length;
  const counted = (state: "warning" | "fault") => `${count(state)} ${state}${count(state) === 1 ? "" : "s"}`;
  const unchecked = count("unchecked");
  return [
    ...lines,
    "",
    `${count("ok")} in order, ${counted("warning")}, ${counted("fault")}${unchecked > 0 ? `, ${unchecked} not checked` : ""}`,
  ].join("\n");
}
