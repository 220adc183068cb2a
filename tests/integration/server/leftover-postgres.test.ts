import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startPostgres } from "@/lib/server/database/embedded-postgres";

let folder: string;
let other: Awaited<ReturnType<typeof startPostgres>> | undefined;
let again: Awaited<ReturnType<typeof startPostgres>> | undefined;
const printed = vi.spyOn(console, "error");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "postern-leftover-"));
  printed.mockClear().mockImplementation(() => {});
});
afterEach(async () => {
  await again?.stop();
  await other?.stop();
  [again, other] = [undefined, undefined];
  rmSync(folder, { recursive: true, force: true });
});

const text = () => printed.mock.calls.flat().join("\n");

/** A database as a killed Postern leaves it: nothing in this process refers to it. */
async function startElsewhere(): Promise<{ url: string; server: number; kill(): Promise<void> }> {
  const script = `
    import { startPostgres } from ${JSON.stringify(new URL("../../../lib/server/database/embedded-postgres.ts", import.meta.url).href)};
    const cluster = await startPostgres(${JSON.stringify(folder)}, { durable: false });
    console.log(JSON.stringify({ url: cluster.url("postgres"), server: cluster.pid() }));`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    ...(JSON.parse(line) as { url: string; server: number }),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A database process of a connection that stays open. */
async function connected(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  return Number(rows[0].pid);
}

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

it.runIf(process.platform === "linux")(
  "a database process that hangs when Postern and its database are killed is named and ended, and the next start succeeds",
  async () => {
    const killed = await startElsewhere();
    const hanging = await connected(killed.url);
    process.kill(hanging, "SIGSTOP");
    await killed.kill();
    process.kill(killed.server, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(killed.server)).toBe(false));
    expect(isAlive(hanging)).toBe(true);

    // Processes of another database are not ours.
    other = await startPostgres(join(folder, "other"), { durable: false });
    const stranger = await connected(other.url("postgres"));
    again = await startPostgres(folder, { durable: false });
    expect(isAlive(hanging)).toBe(false);
    expect(isAlive(stranger)).toBe(true);
    expect(text()).toContain(`Process ${hanging} (postgres: `);
    expect(text()).toContain(`outlived the database server in ${realpathSync(join(folder, "postgres"))}`);
    await connected(again.url("postgres"));
  },
);

it.runIf(process.platform === "linux")(
  "a database that is killed beside a process of it that hangs is started again by itself",
  async () => {
    again = await startPostgres(folder, { durable: false });
    const server = again.pid();
    const hanging = await connected(again.url("postgres"));
    process.kill(hanging, "SIGSTOP");
    process.kill(server ?? 0, "SIGKILL");
    const url = again.url("postgres");
    await vi.waitFor(() => connected(url), { timeout: 20_000, interval: 100 });
    expect(again.pid()).not.toBe(server);
    expect(isAlive(hanging)).toBe(false);
  },
);
