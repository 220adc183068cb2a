import { type Finding, findingsOf, type Settings } from "@/lib/server/doctor/finding";
import { spanExporter } from "@/lib/server/tracing/span-exporter";
import { traceSettingsOf } from "@/lib/server/tracing/trace-settings";
import { errorText } from "@/scripts/parts/fault.mjs";

/** Whether the endpoint of traces accepts spans. An empty message is sent. Empty if none is configured. */
export async function checkTraces(source: Settings): Promise<Finding[]> {
  const settings = traceSettingsOf(source);
  if (settings === null) return [];
  const of = findingsOf("traces");
  const exporter = await spanExporter(settings);
  const fault = await new Promise<string | null>((resolve) =>
    exporter.export([], ({ code, error }) => resolve(code === 0 ? null : errorText(error))),
  );
  await exporter.shutdown();
  if (fault === null) return [of.ok(`${settings.shown} takes them`)];
  return [
    of.warning(
      `${settings.shown} takes none: ${fault}`,
      "Check OTEL_EXPORTER_OTLP_ENDPOINT, its headers and its protocol. Postern works without, and drops its traces.",
    ),
  ];
}
