// Runs the steps of the Containerfile without a container engine, each stage in a root of its own (docs/container.md):
//   npm run container-root [-- IMAGE]
// IMAGE: a folder that scripts/image.mjs has made, to try the last stage alone.
// Needs Linux and root. The roots have this machine's /usr in place of the base image's, so its Node and its libraries.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDatabase, freePort, startPostgres } from "@/lib/server/database/embedded-postgres";
import {
  type Built,
  bindDevices,
  build,
  must,
  sendContext,
  system,
  withOnly,
} from "@/scripts/container-build";
import { stagesOf } from "@/scripts/parts/containerfile.mjs";

const inside = "POSTERN_CONTAINER_ROOT_INSIDE";
/** The command line that runs something in a built root as its user, without any capability. */
function asUser(
  { folder, directory, user }: Built,
  environment: Readonly<Record<string, string>>,
  command: readonly string[],
): string[] {
  const [uid = "", gid = ""] = user.split(":");
  return [
    ...["chroot", folder, "setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"],
    ...["--bounding-set=-all", "--no-new-privs", ...withOnly(directory, environment), ...command],
  ];
}

/**
 * Mounts the root over itself read-only, with what compose.yaml mounts into it: a temporary /tmp, a volume, and
 * secrets.
 */
function closeRoot({ folder, user }: Built, volume: string, secrets: Record<string, string>): void {
  const held = join(folder, "run", "secrets");
  mkdirSync(held);
  for (const [name, value] of Object.entries(secrets)) writeFileSync(join(held, name), `${value}\n`);
  must("chown", "-R", user, held, volume);
  must("mount", "--bind", folder, folder);
  must("mount", "-o", "remount,bind,ro", folder);
  for (const name of system) {
    must("mount", "--bind", `/${name}`, join(folder, name));
    must("mount", "-o", "remount,bind,ro", join(folder, name));
  }
  bindDevices(folder);
  must("mount", "-t", "proc", "proc", join(folder, "proc"));
  must("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", join(folder, "tmp"));
  must("mount", "--bind", volume, join(folder, "data"));
}

/** Starts the image as process 1 of its own, uses it, and stops it as an engine would. */
async function tryOut(built: Built, work: string): Promise<void> {
  const command = built.steps.flatMap((step) => (step.instruction === "cmd" ? [step.command] : []))[0] ?? [];
  const health =
    built.steps.flatMap((step) => (step.instruction === "healthcheck" ? [step.command] : []))[0] ?? [];
  const signal = built.steps.flatMap((step) => (step.instruction === "stopsignal" ? [step.value] : []))[0];
  const cluster = await startPostgres(join(work, "elsewhere"));
  const volume = join(work, "volume");
  mkdirSync(volume);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  closeRoot(built, volume, {
    database_url: await ensureDatabase(cluster, "postern"),
    session_secret: randomBytes(32).toString("hex"),
    encryption_keys: `k1:${randomBytes(32).toString("hex")}`,
  });
  const environment = {
    ...built.environment,
    ...{ HOME: "/", PORT: String(port), POSTERN_URL: url, POSTERN_PROCESSES: "2" },
    DATABASE_URL_FILE: "/run/secrets/database_url",
    POSTERN_SESSION_SECRET_FILE: "/run/secrets/session_secret",
    POSTERN_ENCRYPTION_KEYS_FILE: "/run/secrets/encryption_keys",
  };
  const within = (...args: string[]) => {
    const [program = "", ...rest] = asUser(built, environment, args);
    const done = spawnSync(program, rest, { encoding: "utf8" });
    return { code: done.status, said: `${done.stdout}${done.stderr}`.trim() };
  };
  const begun = Date.now();
  const child = spawn(
    "unshare",
    [
      "--pid",
      "--fork",
      "--kill-child",
      "--mount",
      `--mount-proc=${join(built.folder, "proc")}`,
      ...asUser(built, environment, command),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    let over = false;
    ended.then(() => {
      over = true;
    });
    while (!said.includes("Postern is ready at")) {
      if (over || Date.now() - begun > 180_000) throw new Error(`It did not get ready:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    console.log(`ready after ${Date.now() - begun} ms`);
    const token = /set-up\?token=([\w-]+)/.exec(said)?.[1];
    for (const path of ["/livez", "/readyz", "/sign-in", `/set-up?token=${token}`]) {
      const answer = await fetch(`${url}${path}`);
      const text = await answer.text();
      if (answer.status !== 200)
        throw new Error(`${path.replace(/=.*/, "=…")} answers ${answer.status}:\n${said}`);
      const style = /href="([^"]+\.css[^"]*)"/.exec(text)?.[1];
      if (style && !(await fetch(`${url}${style}`)).ok) throw new Error(`${path} has no style sheet`);
    }
    const checked = within(...health);
    if (checked.code !== 0) throw new Error(`The health check ends with ${checked.code}: ${checked.said}`);
    console.log(within("node", "scripts/doctor.mjs").said);
    const backup = within("node", "scripts/backup.mjs", "/data/backup");
    if (backup.code !== 0) throw new Error(`backup: ${backup.said}`);
    const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")[0];
    const asked = Date.now();
    process.kill(Number(first), signal as NodeJS.Signals);
    const code = await ended;
    console.log(
      `ended with ${code} after ${Date.now() - asked} ms; in the volume: ${readdirSync(volume).join(", ")}`,
    );
    if (code !== 0 || Date.now() - asked > 10_000) throw new Error(`It did not stop in order:\n${said}`);
    if (within(...health).code !== 1) throw new Error("The health check finds something where nothing runs.");
  } finally {
    child.kill("SIGKILL");
    await cluster.stop();
  }
}

/** Represents the building stage. */
function givenImage(image: string, folder: string): Built {
  for (const name of ["image", "data"]) mkdirSync(join(folder, name), { recursive: true });
  must("mount", "--bind", image, join(folder, "image"));
  return { folder, environment: {}, directory: "/", user: "0:0", steps: [] };
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "postern-root-"));
  try {
    const context = join(work, "context");
    mkdirSync(context);
    sendContext(context);
    const stages = new Map<string, Built>();
    let last: Built | undefined;
    const given = process.argv[2];
    for (const [index, stage] of stagesOf().entries()) {
      if (given && stage.name) {
        stages.set(stage.name, givenImage(given, join(work, "given")));
        continue;
      }
      last = build(stage, join(work, `stage-${index}`), context, stages);
      if (stage.name) stages.set(stage.name, last);
    }
    if (!last) throw new Error("The Containerfile has no stage.");
    console.log(
      must(
        "du",
        "-xsm",
        ...["", "node_modules", ".next"].map((name) => join(last.folder, last.directory, name)),
      ),
    );
    await tryOut(last, work);
    console.log("The image's tree works read-only, as a user of its own.");
  } finally {
    // What is removed must not reach anything that is mounted. The second time is for mounts that the first one
    // uncovered.
    const unmount = `grep -o ' ${work}[^ ]*' /proc/self/mounts | sort -r | xargs -r -n 1 umount -l 2>/dev/null`;
    for (let time = 0; time < 2; time += 1) spawnSync("sh", ["-c", unmount]);
    if (!readFileSync("/proc/self/mounts", "utf8").includes(work))
      rmSync(work, { recursive: true, force: true });
  }
}

if (process.env[inside]) await main();
// Mounts of a name space of its own disappear with it.
else
  process.exitCode =
    spawnSync(
      "unshare",
      [
        "--mount",
        "--propagation",
        "private",
        process.execPath,
        ...process.execArgv,
        import.meta.filename,
        ...process.argv.slice(2),
      ],
      {
        stdio: "inherit",
        env: { ...process.env, [inside]: "1" },
      },
    ).status ?? 1;
