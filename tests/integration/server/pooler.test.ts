import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { checkPooler } from "@/lib/server/doctor/check-database";
import { debianProgram } from "@/scripts/parts/debian-programs.mjs";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { runCommand } from "../../support/processes/command";

// A real PgBouncer, where this machine or Debian's packages have one; `npm test` says if not.
const program = debianProgram("pgbouncer");
let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "postern-pooler-"));
});
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a pooler before the test's database, and calls back with the address that leads through it. */
async function throughPooler(settings: string, work: (url: string) => Promise<void>): Promise<void> {
  if (!program) return;
  const url = new URL(test.url);
  const port = await freePort();
  const file = join(folder, `${port}.ini`);
  const users = join(folder, `${port}.users`);
  const name = url.pathname.slice(1);
  writeFileSync(users, `"${decodeURIComponent(url.username)}" "${decodeURIComponent(url.password)}"\n`);
  writeFileSync(
    file,
    `[databases]
${name} = host=${url.hostname} port=${url.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = session
${settings}
`,
  );
  // It refuses to run as root.
  const root = process.getuid?.() === 0;
  const nobody = 65_534;
  if (root) for (const path of [folder, file, users]) chownSync(path, nobody, nobody);
  const child = spawn(program.path, [file], {
    env: { ...process.env, ...program.environment },
    stdio: ["ignore", "ignore", "pipe"],
    ...(root ? { uid: nobody, gid: nobody } : {}),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    while (!(await listens(port))) {
      if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    url.port = String(port);
    url.hostname = "127.0.0.1";
    await work(url.href);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

it("PostgreSQL itself is no pooler", async () => {
  expect(await checkPooler(test.url)).toMatchObject([{ state: "ok" }]);
});

if (program)
  it.each([
    ["refuses", "", "unsupported startup parameter"],
    ["drops", "ignore_startup_parameters = options", "what stands between drops them"],
  ])(
    "a pooler that %s the settings of connections is found by the doctor and at a start",
    async (_, settings, said) => {
      await throughPooler(settings, async (url) => {
        expect(await checkPooler(url)).toMatchObject([
          {
            state: "fault",
            found: expect.stringContaining(said),
            todo: expect.stringContaining("PostgreSQL itself"),
          },
        ]);
        const start = {
          DATABASE_URL: url,
          POSTERN_DATA_DIR: folder,
          POSTERN_ENCRYPTION_KEYS: `k1:${"1".repeat(64)}`,
        };
        const { code, said: line } = await runCommand("start", [], {
          ...start,
          PORT: String(await freePort()),
        });
        expect(code).toBe(1);
        expect(line).toContain("a pooler seems to stand between");
      });
    },
  );
