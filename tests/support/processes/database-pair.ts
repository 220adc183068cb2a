import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { postgresAccount } from "@/lib/server/database/postgres-account";
import { environment, nativeFolder } from "@/lib/server/database/postgres-programs";

/** Two real servers: a primary, and a standby that every commit waits for. */
export interface DatabasePair {
  readonly ports: { readonly primary: number; readonly standby: number };
  /** The address of one of them. */
  url(port: number): string;
  /** The address of both. The standby is first, and is not used. */
  readonly bothUrl: string;
  ask(port: number, sql: string): Promise<readonly Record<string, unknown>[]>;
  killPrimary(): void;
  /** Lets the standby stand still, so that commits wait for it, until what it returns is called, or the pair is stopped. */
  holdStandby(): () => void;
  promoteStandby(): Promise<void>;
  stop(): Promise<void>;
}

/** The processes started by a process, and those started by them. Linux only. */
function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number)).flatMap(descendants)];
}

const patienceMilliseconds = 60_000;

/** Resolves once a condition is true. */
async function become(isSo: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await isSo().catch(() => false))) {
    if (performance.now() - begun > patienceMilliseconds)
      throw new Error("the servers are not as they should be");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts both with the contents of the stopped server in `home`, a data folder. It becomes the primary. */
export async function startDatabasePair(home: string): Promise<DatabasePair> {
  const homes = { primary: `${home}-primary`, standby: `${home}-standby` };
  cpSync(home, homes.standby, { recursive: true });
  renameSync(home, homes.primary);
  const password = readFileSync(join(homes.primary, "postgres-password"), "utf8").trim();
  writeFileSync(join(homes.standby, "postgres", "standby.signal"), "");
  const ports = { primary: await freePort(), standby: await freePort() };
  const servers = new Map<string, ChildProcess>();

  function launch(name: "primary" | "standby", setting: string): void {
    const account = postgresAccount(nativeFolder(), homes[name]);
    const all = [
      `port=${ports[name]}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "max_connections=120",
      setting,
    ];
    const [program, args, user] = account.command(join(account.native, "bin", "postgres"), [
      ...["-D", join(account.home, "postgres")],
      ...all.flatMap((each) => ["-c", each]),
    ]);
    const started = { cwd: account.home, env: environment(account.native), stdio: "ignore" } as const;
    servers.set(name, spawn(program, [...args], { ...user, ...started }));
  }

  const url = (port: number) => `postgresql://postgres:${password}@127.0.0.1:${port}/postern`;
  async function ask(port: number, sql: string) {
    const client = new pg.Client({ connectionString: url(port) });
    client.on("error", () => {});
    await client.connect();
    const answer = await client.query<Record<string, unknown>>(sql).finally(() => client.end());
    return answer.rows;
  }

  launch("primary", "synchronous_standby_names=standby");
  launch(
    "standby",
    `primary_conninfo=host=127.0.0.1 port=${ports.primary} user=postgres password=${password} application_name=standby`,
  );
  const held: number[] = [];
  function letGo(): void {
    for (const pid of held.splice(0)) {
      try {
        process.kill(pid, "SIGCONT");
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  const replicating = () => ask(ports.primary, "SELECT sync_state FROM pg_stat_replication");
  const pair: DatabasePair = {
    ports,
    url,
    bothUrl: `postgresql://postgres:${password}@127.0.0.1:${ports.standby},127.0.0.1:${ports.primary}/postern?target_session_attrs=read-write`,
    ask,
    killPrimary() {
      servers.get("primary")?.kill("SIGKILL");
    },
    holdStandby() {
      held.push(...descendants(servers.get("standby")?.pid ?? 0));
      for (const pid of held) process.kill(pid, "SIGSTOP");
      return letGo;
    },
    async promoteStandby() {
      await ask(ports.standby, "SELECT pg_promote()");
    },
    async stop() {
      // What stands still would not end.
      letGo();
      for (const server of servers.values()) {
        if (server.exitCode !== null || server.signalCode !== null) continue;
        const ended = new Promise((resolve) => server.once("exit", resolve));
        server.kill("SIGQUIT");
        await ended;
      }
    },
  };
  try {
    await become(async () => {
      const [only] = await replicating();
      await ask(ports.standby, "SELECT 1");
      return only?.sync_state === "sync";
    });
  } catch (error) {
    await pair.stop();
    throw error;
  }
  return pair;
}
