import { createServer } from "node:http";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { servingProcesses } from "@/lib/platform/configuration";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { openApplication } from "@/lib/platform/open-application";
import { trustedProxiesOf } from "@/lib/server/http/client-address";
import { withCompressedFiles } from "@/lib/server/http/compressed-files";
import {
  limitConnections,
  serverLimits,
  silenceMilliseconds,
  takeUpgradesAsRequests,
} from "@/lib/server/http/connections";
import { frontDoor } from "@/lib/server/http/front-door";
import { openHealth } from "@/lib/server/http/health";
import { builtActions } from "@/lib/server/http/posted-form";
import { builtRoutes, placesOf, routesOf } from "@/lib/server/http/request-place";
import { drainSecondsOf } from "@/lib/server/http/serving-processes";
import { trustsTraceparent } from "@/lib/server/tracing/trace-settings";
import { listenFault } from "@/scripts/parts/port.mjs";
import { root } from "@/scripts/parts/root.mjs";

/**
 * The heap grows by a third of what is in use before the next full collection, instead of to several times that.
 * Pages leave much garbage, and a process with few requests would keep it for hours (docs/decisions/speed.md).
 */
setFlagsFromString("--heap-growing-percent=33");

/**
 * Serves the built pages as its environment says. Resolves when they can be requested, with a function that
 * stops it after the requests under way. From the moment it listens every request is answered.
 */
export async function serve({
  port,
  development,
  environment,
}: {
  readonly port: number;
  readonly development: boolean;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<() => Promise<void>> {
  const publicUrl = environment.POSTERN_URL ?? "";
  const distFolder = environment.POSTERN_DIST_DIR || ".next";
  const trustedProxies = trustedProxiesOf(environment.POSTERN_TRUSTED_PROXIES);
  const health = openHealth({
    url: environment.DATABASE_URL ?? "",
    keys: readEncryptionKeys(environment.POSTERN_ENCRYPTION_KEYS ?? ""),
  });
  const processes = servingProcesses(environment);
  const routes = development ? [] : builtRoutes(distFolder);
  const drainSeconds = drainSecondsOf(environment.POSTERN_DRAIN_SECONDS);
  const door = frontDoor({
    processes,
    pass: environment.POSTERN_PASS,
    publicUrl,
    local: environment.POSTERN_LOCAL_HOSTS === "1",
    trustedProxies,
    believesTraces: trustsTraceparent(environment, trustedProxies),
    development,
    health,
    placeOf: development ? (path) => path : placesOf(routes),
    routeOf: routesOf(routes),
  });
  const server = createServer(serverLimits, door.answer);
  server.setTimeout(silenceMilliseconds);
  limitConnections(server, { trustedProxies: trustedProxies ?? 0, processes });
  if (!development) takeUpgradesAsRequests(server);
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(listenFault(error, port)));
      server.listen(port, () => resolve());
    });
  // While others serve, no page says that Postern is starting.
  const late = environment.POSTERN_LISTENS_LATE === "1";
  if (!late) await listen();
  // Next.js requests the page that an action redirects to from this very process, not from the public address.
  environment.__NEXT_PRIVATE_ORIGIN = `http://127.0.0.1:${port}`;
  const { default: next } = await import("next");
  const application = next({ dev: development, dir: root, port, hostname: "localhost", httpServer: server });
  await application.prepare();
  const handle = application.getRequestHandler();
  if (development) door.open(handle, null);
  else door.open(withCompressedFiles(join(root, distFolder, "compressed"), handle), builtActions(distFolder));
  if (late) await listen();
  return async () => {
    // Load balancers that check readiness turn to another replica before this one stops listening.
    door.leave();
    await new Promise((resolve) => setTimeout(resolve, drainSeconds * 1_000));
    server.close();
    // Otherwise pages that listen for notifications would keep their connections for ever.
    await openApplication()?.stop();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 3_000).unref();
    await Promise.race([application.close(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
    await health.close();
  };
}
