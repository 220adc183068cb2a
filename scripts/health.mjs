// The health check of a container: ends with 0 when Postern answers on its port that it and its database are there.
import { get } from "node:http";
import { wantedPort } from "./parts/port.mjs";

const patienceMilliseconds = 4_000;

try {
  const request = get(
    { host: "127.0.0.1", port: wantedPort(), path: "/healthz", timeout: patienceMilliseconds },
    (response) => {
      response.resume();
      process.exitCode = response.statusCode === 200 ? 0 : 1;
      if (process.exitCode !== 0) console.error(`/healthz answers ${response.statusCode}.`);
    },
  );
  request.on("timeout", () => request.destroy(new Error("no answer in time")));
  request.on("error", (error) => {
    console.error(`/healthz does not answer: ${error.message}.`);
    process.exitCode = 1;
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
