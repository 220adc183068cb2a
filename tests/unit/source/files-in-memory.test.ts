import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Memory } from "../../support/processes/files-in-memory";

const folder = mkdtempSync(join(tmpdir(), "postern-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The temporary folder that a run reports, and that of a run that it starts itself. */
function run(memory: Memory, environment: Readonly<Record<string, string>> = {}) {
  const script = `
    import { existsSync, statSync } from "node:fs";
    import { keepFilesInMemory } from "./tests/support/processes/files-in-memory.ts";
    keepFilesInMemory(${JSON.stringify(memory)});
    const { TMPDIR } = process.env;
    console.log(JSON.stringify([TMPDIR, existsSync(TMPDIR) && (statSync(TMPDIR).mode & 0o7777).toString(8)]));`;
  const ran = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: tmpdir(), ...environment },
  });
  expect(ran.status, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as [string, string];
}
const free: Memory = { folder, freeDisk: 0, freeMemory: 0 };

it("a run has a temporary folder of its own in memory, which anybody may write to, and removes it at its end", () => {
  const [name, mode] = run(free);
  expect(name.startsWith(join(folder, "postern-tests-"))).toBe(true);
  expect(mode).toBe("1777");
  expect(readdirSync(folder)).toEqual([]);
});

it("a run that another one started uses the folder of that", () => {
  const outer = join(folder, "postern-tests-of-another");
  mkdirSync(outer);
  expect(run(free, { TMPDIR: outer })[0]).toBe(outer);
  expect(existsSync(outer)).toBe(true);
  rmSync(outer, { recursive: true });
});

it.each<[string, Memory]>([
  ["folder", { ...free, folder: join(folder, "none") }],
  ["room", { ...free, freeDisk: Number.MAX_SAFE_INTEGER }],
  ["memory", { ...free, freeMemory: Number.MAX_SAFE_INTEGER }],
])("nothing changes without enough %s", (_, memory) => {
  expect(run(memory)[0]).toBe(tmpdir());
  expect(readdirSync(folder)).toEqual([]);
});

it("what a killed run left is removed after a day, and nothing of a run that lives or of anybody else", () => {
  const killed = join(folder, "postern-tests-4194305");
  const killedJustNow = join(folder, "postern-tests-4194306");
  const living = join(folder, `postern-tests-${process.pid}`);
  const other = join(folder, "other-4194305");
  for (const each of [killed, killedJustNow, living, other]) {
    mkdirSync(each);
    const old = Date.now() / 1_000 - 25 * 3_600;
    if (each !== killedJustNow) utimesSync(each, old, old);
  }
  run(free);
  expect([killed, killedJustNow, living, other].map((each) => existsSync(each))).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
