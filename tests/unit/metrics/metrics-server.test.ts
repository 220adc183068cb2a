import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMetricsServer } from "@/lib/server/metrics/metrics-server";

let port: number;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  port = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(read: () => Promise<string>) {
  const server = await openMetricsServer({ host: "127.0.0.1", port }, read);
  closing.push(server.close);
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

it("answers at one address and to reading only, and reads once for all who ask at once", async () => {
  let reads = 0;
  const ask = await open(async () => {
    reads += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return "done_total 1\n";
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask("/metrics")));
  for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, "done_total 1\n"]);
  expect(reads).toBe(1);
  expect(answers[0]?.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect((await ask("/metrics", { method: "POST" })).status).toBe(405);
  for (const path of ["/", "/metrics/", "/sign-in", "/healthz"])
    expect((await ask(path)).status, path).toBe(404);
});

it("an address that is in use is reported in one line", async () => {
  await open(async () => "");
  await expect(openMetricsServer({ host: "127.0.0.1", port }, async () => "")).rejects.toThrow(
    `POSTERN_METRICS_ADDRESS: 127.0.0.1 port ${port} cannot be listened on (EADDRINUSE).`,
  );
});
