import { readFile } from "node:fs/promises";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import { faultText, log } from "@/lib/platform/log";
import { tunnelAgent } from "@/lib/platform/tunnel-agent";
import type { TraceSettings } from "@/lib/server/tracing/trace-settings";

/** How long a proxy may take until it has opened a way to the collector. */
const patienceMilliseconds = 10_000;

/** What sends spans as the settings say, loaded only where they are sent. */
export async function spanExporter({
  protocol,
  through,
}: Pick<TraceSettings, "protocol" | "through">): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await (protocol === "http/json"
    ? import("@opentelemetry/exporter-trace-otlp-http")
    : import("@opentelemetry/exporter-trace-otlp-proto"));
  if (through === null) return new OTLPTraceExporter();
  const { proxy, to, files } = through;
  const secure = Object.fromEntries(
    await Promise.all(
      Object.entries(files).map(async ([name, file]) => [name, await readFile(file)] as const),
    ),
  );
  const agent = tunnelAgent(to, { proxy, patienceMilliseconds, secure });
  return new OTLPTraceExporter({ httpAgentOptions: () => agent });
}

/** The same. It reports once that spans are not accepted, and once that they are again. */
export function reportingFailures(exporter: SpanExporter, shown: string): SpanExporter {
  let failing = false;
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        const fails = result.code !== 0;
        if (fails && !failing)
          log().warn(`Traces are not taken at ${shown}, and are dropped: ${faultText(result.error ?? "")}`);
        if (!fails && failing) log().info(`Traces are taken at ${shown} again`);
        failing = fails;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
