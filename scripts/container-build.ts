import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildContext, type Stage, type Step } from "@/scripts/parts/containerfile.mjs";
import { root } from "@/scripts/parts/root.mjs";

/** The parts of this machine that every root contains, instead of a base image. */
export const system = ["usr", "etc"];

/** Runs a program that must succeed. */
export function must(program: string, ...args: string[]): string {
  const done = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (done.status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed (${done.status ?? done.error})`);
  return done.stdout;
}

/**
 * A folder that can be used as a root: empty except for this machine's programs and settings, read-only, and a
 * few devices.
 */
function makeRoot(folder: string): void {
  for (const name of [...system, "proc", "dev", "tmp", "run", "root"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64", "sbin"]) symlinkSync(`usr/${name}`, join(folder, name));
  for (const name of system) {
    must("mount", "--bind", `/${name}`, join(folder, name));
    must("mount", "-o", "remount,bind,ro", join(folder, name));
  }
  bindDevices(folder);
  must("mount", "-t", "proc", "proc", join(folder, "proc"));
}

/** The devices that every program expects. */
export function bindDevices(folder: string): void {
  for (const name of ["null", "zero", "random", "urandom"]) {
    const place = join(folder, "dev", name);
    if (!existsSync(place)) writeFileSync(place, "");
    must("mount", "--bind", `/dev/${name}`, place);
  }
}

/** Copies what a build would receive. */
export function sendContext(to: string): void {
  const { sent, refused } = buildContext();
  for (const name of sent)
    cpSync(join(root, name), join(to, name), {
      recursive: true,
      filter: (path) => !refused.includes(path.slice(root.length + 1)),
    });
}

/** The result of a stage, and how it is run. */
export interface Built {
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly directory: string;
  readonly user: string;
  readonly steps: readonly Step[];
}

function copy(
  step: Extract<Step, { instruction: "copy" }>,
  from: string,
  to: string,
  directory: string,
): void {
  const target = step.paths.at(-1) ?? "";
  for (const path of step.paths.slice(0, -1)) {
    const source = join(from, path);
    const single = step.paths.length === 2 && target.startsWith("/");
    const into = target.startsWith("/") ? join(to, target) : join(to, directory, target);
    // Like COPY: a folder contributes its contents, a file is copied under its name.
    const folder = step.from !== null || path === "." || !target.endsWith("/");
    const place = folder || single ? into : join(into, path);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(source, place, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    must("chown", "-R", step.owner ?? "0:0", place);
  }
}

/** The beginning of a command line with this environment and nothing else of this process's. */
export function withOnly(directory: string, environment: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return ["env", "--ignore-environment", `--chdir=${directory}`, ...values];
}

/** Runs the steps of a stage. `stages` are the earlier ones. */
export function build(
  stage: Stage,
  folder: string,
  context: string,
  stages: ReadonlyMap<string, Built>,
): Built {
  makeRoot(folder);
  const environment: Record<string, string> = {
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin",
    HOME: "/root",
  };
  let directory = "/";
  let user = "0:0";
  for (const step of stage.steps) {
    if (step.instruction === "env") Object.assign(environment, step.values);
    if (step.instruction === "user") user = step.value;
    if (step.instruction === "workdir") {
      directory = step.value;
      mkdirSync(join(folder, directory), { recursive: true });
    }
    if (step.instruction === "copy")
      copy(step, step.from === null ? context : (stages.get(step.from)?.folder ?? ""), folder, directory);
    if (step.instruction === "run") {
      const begun = Date.now();
      const within = [
        ...withOnly(directory, { ...environment, npm_config_cache: "/tmp/npm" }),
        ...step.command,
      ];
      const done = spawnSync("chroot", [folder, ...within], { stdio: "inherit" });
      if (done.status !== 0) throw new Error(`${step.command.join(" ")} failed (${done.status})`);
      console.log(`— ${step.command.join(" ")}: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
    }
  }
  return { folder, environment, directory, user, steps: stage.steps };
}
