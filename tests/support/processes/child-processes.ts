import { readFileSync } from "node:fs";

/** The processes, among those that this one started, whose command line names a script. Linux only. */
export function childrenRunning(pid: number | undefined, script: string): number[] {
  if (process.platform !== "linux" || pid === undefined) return [];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((child) => child.trim() !== "")
    .map(Number)
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes(script));
}

/** The first of these; undefined without one. */
export function childRunning(pid: number | undefined, script: string): number | undefined {
  return childrenRunning(pid, script)[0];
}

/** The initial environment of a process, as any process of the same user can read it. Linux only. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}
