import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import { faultText, log } from "@/lib/platform/log";
import type { TraceSettings } from "@/lib/server/tracing/trace-settings";

/** Sends spans as the settings say. Loaded only if spans are sent. */
export async function spanExporter({ protocol }: Pick<TraceSettings, "protocol">): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await (protocol === "http/json"
    ? import("@opentelemetry/exporter-trace-otlp-http")
    : import("@opentelemetry/exporter-trace-otlp-proto"));
  return new OTLPTraceExporter();
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
