import { AsyncLocalStorage } from "node:async_hooks";
import type { Span as ApiSpan, Context, SpanContext } from "@opentelemetry/api";
import { holdTracing, type OpenSpan, type SpanFields } from "@/lib/platform/tracing";
import { reportingFailures, spanExporter } from "@/lib/server/tracing/span-exporter";
import { traceSettingsOf } from "@/lib/server/tracing/trace-settings";

/** How long a stopping process waits until its last spans are accepted. */
const patienceMilliseconds = 2_000;

/**
 * Traces this process under a name such as `server-1`, if its environment names an endpoint. Returns a function
 * that sends what is left and ends tracing. Without an endpoint nothing is loaded.
 *
 * No global tracer is registered. Next.js would then create spans of its own with whole addresses, which may
 * contain ids of secrets.
 */
export async function openTracing(
  environment: NodeJS.ProcessEnv,
  process: string,
): Promise<() => Promise<void>> {
  const settings = traceSettingsOf(environment);
  if (settings === null) return async () => {};
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, core, resources, sdk, exporter] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/core"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/sdk-trace-base"),
      spanExporter(settings),
    ]);
  const kinds = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL, client: SpanKind.CLIENT };
  const given = resources.detectResources({ detectors: [resources.envDetector] });
  const around = new AsyncLocalStorage<Context>();
  const random = new sdk.RandomIdGenerator();
  /** The id of the trace that begins at this very moment. */
  let nextTraceId: string | null = null;
  const provider = new sdk.BasicTracerProvider({
    resource: resources
      .resourceFromAttributes({ "service.name": "postern", "postern.process": process })
      .merge(given),
    spanProcessors: [new sdk.BatchSpanProcessor(reportingFailures(exporter, settings.shown))],
    idGenerator: {
      generateTraceId: () => nextTraceId ?? random.generateTraceId(),
      generateSpanId: () => random.generateSpanId(),
    },
  });
  const tracer = provider.getTracer("postern");

  function opened(span: ApiSpan, inside: Context): OpenSpan {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const set = (fields: SpanFields) => void span.setAttributes(fields);
    return {
      traceId,
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
      set,
      happened: (what, fields) => void span.addEvent(what, fields),
      failed(type) {
        span.setAttributes({ "error.type": type });
        span.setStatus({ code: SpanStatusCode.ERROR });
      },
      run: (work) => around.run(inside, work),
      end(fields) {
        set(fields);
        span.end();
      },
    };
  }

  function start(name: string, kind: keyof typeof kinds, context: Context): OpenSpan {
    const span = tracer.startSpan(name, { kind: kinds[kind] }, context);
    return opened(span, trace.setSpan(context, span));
  }

  /** The caller's trace. Its other headers are ignored, since they could contain anything. */
  function givenTrace(traceparent: string | undefined): SpanContext | null {
    return traceparent === undefined ? null : core.parseTraceParent(traceparent);
  }

  holdTracing({
    begin(name, kind, { correlationId, traceparent }) {
      const parent = givenTrace(traceparent);
      if (parent) return start(name, kind, trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }));
      nextTraceId = correlationId.replaceAll("-", "");
      try {
        return start(name, kind, ROOT_CONTEXT);
      } finally {
        nextTraceId = null;
      }
    },
    within(name, kind) {
      const context = around.getStore();
      return context && start(name, kind, context);
    },
  });
  return async () => {
    holdTracing(undefined);
    await Promise.race([
      provider.shutdown().catch(() => {}),
      new Promise<void>((resolve) => setTimeout(resolve, patienceMilliseconds).unref()),
    ]);
  };
}
