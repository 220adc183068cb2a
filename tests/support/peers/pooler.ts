import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { debianProgram } from "@/scripts/parts/debian-programs.mjs";

/** A real PgBouncer, if this machine or Debian's packages have one. `npm test` reports if not. */
export const pgbouncer = debianProgram("pgbouncer");

interface Pooler {
  /** The address that goes through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs it in front of a database as docs/production.md describes, with these settings changed. */
export async function startPooler(databaseUrl: string, settings = ""): Promise<Pooler> {
  if (!pgbouncer) throw new Error("there is no pgbouncer here");
  const url = new URL(databaseUrl);
  const port = await freePort();
  // It refuses to run as root, and the user it runs as instead may not enter a journey's own folder.
  const root = process.getuid?.() === 0;
  const folder = mkdtempSync(join(root ? "/tmp" : tmpdir(), "postern-pooler-"));
  const file = join(folder, "pgbouncer.ini");
  const users = join(folder, "users");
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
auth_type = scram-sha-256
auth_file = ${users}
auth_user = ${decodeURIComponent(url.username)}
auth_query = SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin
server_round_robin = 0
pool_mode = session
default_pool_size = 40
${settings}
`,
  );
  const nobody = 65_534;
  if (root) for (const path of [folder, file, users]) chownSync(path, nobody, nobody);
  const child = spawn(pgbouncer.path, [file], {
    env: { ...process.env, ...pgbouncer.environment },
    stdio: ["ignore", "ignore", "pipe"],
    ...(root ? { uid: nobody, gid: nobody } : {}),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  while (!(await listens(port))) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`pgbouncer ended with ${child.exitCode}: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  url.port = String(port);
  url.hostname = "127.0.0.1";
  return { url: url.href, stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
