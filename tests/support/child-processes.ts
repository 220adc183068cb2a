import { readFileSync } from "node:fs";

/** The process, among those that this one started, whose command line names a script; undefined without one. Linux only. */
export function childRunning(pid: number | undefined, script: string): number | undefined {
  if (process.platform !== "linux" || pid === undefined) return undefined;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .map(Number)
    .find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes(script));
}

/** The initial environment of a process, as any process of the same user can read it. Linux only. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}
