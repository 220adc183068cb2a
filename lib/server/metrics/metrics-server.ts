import { createServer } from "node:http";
import { faultText, log } from "@/lib/platform/log";
import type { MetricsAddress } from "@/lib/server/metrics/metrics-address";

/** Enough for Prometheus and one person. Nobody else needs it. */
const mostConnections = 32;
const freshMilliseconds = 1_000;

/**
 * Serves `/metrics` at an address of its own, and nothing else. However many ask at once, it is read once.
 * Throws one line if it cannot listen at the address.
 */
export async function openMetricsServer(
  { host, port }: MetricsAddress,
  read: () => Promise<string>,
): Promise<{ close(): Promise<void> }> {
  let last: Promise<string> | null = null;
  const readOnce = () => {
    last ??= read().finally(() =>
      setTimeout(() => {
        last = null;
      }, freshMilliseconds).unref(),
    );
    return last;
  };
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    const [path] = (request.url ?? "").split("?", 1);
    if (path !== "/metrics") return void response.writeHead(404).end("Metrics are at /metrics.\n");
    if (request.method !== "GET" && request.method !== "HEAD")
      return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    readOnce().then(
      (text) => {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        response.end(request.method === "HEAD" ? undefined : text);
      },
      (error) => {
        log().error(`The metrics could not be read: ${faultText(error)}`);
        response.writeHead(500).end();
      },
    );
  });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `POSTERN_METRICS_ADDRESS: ${host} port ${port} cannot be listened on (${error.code ?? error.message}).`,
        ),
      ),
    );
    server.listen(port, host, () => resolve());
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
