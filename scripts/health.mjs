// The health check of a container: ends with 0 when Postern answers on its port that it is alive, or with --ready, that
// it can serve people. Programs that restart unhealthy services ask the first: a restart does not repair a database.
import { get } from "node:http";
import { wantedPort } from "./parts/port.mjs";

const patienceMilliseconds = 4_000;
const path = process.argv[2] === "--ready" ? "/readyz" : "/livez";

try {
  const request = get(
    { host: "127.0.0.1", port: wantedPort(), path, timeout: patienceMilliseconds },
    (response) => {
      response.resume();
      process.exitCode = response.statusCode === 200 ? 0 : 1;
      if (process.exitCode !== 0) console.error(`${path} answers ${response.statusCode}.`);
    },
  );
  request.on("timeout", () => request.destroy(new Error("no answer in time")));
  request.on("error", (error) => {
    console.error(`${path} does not answer: ${error.message}.`);
    process.exitCode = 1;
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
