import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { debianProgram } from "@/scripts/parts/debian-programs.mjs";
import type { Certificate } from "./certificate";

export const proxyNames = ["nginx", "caddy", "haproxy"] as const;
export type ProxyName = (typeof proxyNames)[number];

/** The proxies that this machine has, or that came from Debian's packages. */
export const proxiesHere = proxyNames.filter((name) => debianProgram(name) !== null);

/** A running proxy with the configuration from docs/production/. */
export interface RunningProxy {
  readonly name: ProxyName;
  readonly port: number;
  readonly plainPort: number;
  /** Makes nginx stop using this replica, as an operator does before stopping it. The others find out by themselves. */
  takeOut(port: number): Promise<void>;
  putBack(): Promise<void>;
  stop(): Promise<void>;
}

const files = { nginx: "nginx.conf", caddy: "Caddyfile", haproxy: "haproxy.cfg" } as const;
const shown = { host: "postern.example.com", certificates: "/etc/ssl/postern" };

/** Replaces an operator's values. Throws if the configuration does not have them. */
function withValues(text: string, values: readonly (readonly [from: string, to: string])[]): string {
  return values.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The configuration has no ${from}`);
    return result.replaceAll(from, to);
  }, text);
}

/**
 * A free port that no outgoing connection takes while nobody listens there. Systems choose the ports of
 * connections above these, and so does `freePort`.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + randomInt(10_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

interface Surroundings {
  readonly name: ProxyName;
  readonly folder: string;
  readonly certificate: Certificate;
  /** The ports of the two replicas on this machine. */
  readonly replicas: readonly [number, number];
}

/** What an operator's proxy has around the given file, on a machine where it may not use the usual places. */
function surround({
  name,
  text,
  folder,
  port,
  plainPort,
}: { text: string } & Record<string, unknown>): string {
  if (name === "nginx")
    return `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/errors;
      ${process.getuid?.() === 0 ? "user root;" : ""} worker_processes 1; events { worker_connections 512; }
      http { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((each) => `${each}_temp_path ${folder}/${each};`)
        .join(" ")}
      ${text} }`;
  if (name === "caddy")
    return `{
      admin off
      skip_install_trust
      http_port ${plainPort}
      https_port ${port}
      storage file_system ${folder}
    }
    ${text}`;
  return text;
}

const running = new Set<ChildProcess>();

/** Ends proxies that a failed test left running. */
export function endProxies(): void {
  for (const child of running) child.kill("SIGTERM");
}

/** Starts a proxy and waits until it answers for a replica. */
export async function startProxy({
  name,
  folder,
  certificate,
  replicas,
}: Surroundings): Promise<RunningProxy> {
  const program = debianProgram(name);
  if (!program) throw new Error(`${name} is not here`);
  const [port, plainPort] = [await freePort(), await freePort()];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "certificate.pem"), certificate.certificate);
  writeFileSync(join(folder, "key.pem"), certificate.key);
  writeFileSync(join(folder, "certificate-and-key.pem"), certificate.certificate + certificate.key);
  const ports = {
    nginx: [
      ["listen 80;", `listen 127.0.0.1:${plainPort};`],
      ["listen 443 ", `listen 127.0.0.1:${port} `],
    ],
    caddy: [["# tls ", "tls "]],
    haproxy: [
      ["bind :80\n", `bind 127.0.0.1:${plainPort}\n`],
      ["bind :443 ", `bind 127.0.0.1:${port} `],
    ],
  } as const;
  const given = readFileSync(join("docs", "production", files[name]), "utf8");
  const text = withValues(given, [
    ["10.0.0.11:3000", `127.0.0.1:${replicas[0]}`],
    ["10.0.0.12:3000", `127.0.0.1:${replicas[1]}`],
    [shown.certificates, folder],
    ...ports[name],
  ]);
  const file = join(folder, files[name]);
  const write = (content: string) =>
    writeFileSync(file, surround({ name, text: content, folder, port, plainPort }));
  write(text);
  const options = {
    nginx: ["-p", folder, "-c", file],
    caddy: ["run", "--config", file, "--adapter", "caddyfile"],
    haproxy: ["-db", "-f", file],
  }[name];
  const child = spawn(program.path, options, {
    env: { ...process.env, ...program.environment, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      running.delete(child);
      resolve();
    }),
  );
  const said = outputOf(child);
  const proxy = { name, port, plainPort };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${said()}`);
    const answer = await ask(proxy, "/sign-in").catch(() => null);
    if (answer?.status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const reload = async (content: string) => {
    if (name !== "nginx") return;
    write(content);
    const before = workersOf(child);
    child.kill("SIGHUP");
    while (workersOf(child).every((each) => before.includes(each)))
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return {
    ...proxy,
    takeOut: (replica) => reload(text.replace(`127.0.0.1:${replica} `, `127.0.0.1:${replica} down `)),
    putBack: () => reload(text),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function outputOf(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  return () => said;
}

function workersOf({ pid }: ChildProcess): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | FormData;
  /** Resolves with what was received once the answer contains this, and hangs up. */
  readonly until?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks Postern through a proxy, over a connection of its own. Rejects if the answer breaks off. */
export async function ask(
  { port }: Pick<RunningProxy, "port">,
  path: string,
  { method = "GET", headers = {}, body, until }: Asked = {},
): Promise<Answered> {
  const form = body instanceof FormData ? new Response(body) : null;
  const bytes = form ? Buffer.from(await form.arrayBuffer()) : (body as Buffer | undefined);
  const type = form?.headers.get("content-type");
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: "127.0.0.1", servername: shown.host, port, path, method, agent: false },
        // The authority was made for this test.
        rejectUnauthorized: false,
        headers: {
          host: shown.host,
          ...(type ? { "content-type": type } : {}),
          ...(bytes ? { "content-length": bytes.length } : {}),
          ...headers,
        },
      },
      (response) => {
        let text = "";
        const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
          if (until === undefined || !text.includes(until)) return;
          done();
          sent.destroy();
        });
        response
          .once("end", done)
          .once("error", reject)
          .once("aborted", () => reject(new Error("broken off")));
      },
    );
    sent.setTimeout(20_000, () => sent.destroy(new Error("no answer")));
    sent.once("error", reject).end(bytes);
  });
}

export const publicUrl = `https://${shown.host}`;
