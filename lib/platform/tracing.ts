import { sqlState } from "@/lib/platform/database-errors";

/**
 * The attributes of a span. Codes, counts, patterns and ids only: nothing that somebody typed, and no values of
 * statements.
 */
export type SpanFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A part of a trace, while it runs. */
export interface Span {
  set(fields: SpanFields): void;
  /** Something that happened within it. */
  happened(what: string, fields: SpanFields): void;
  /** It failed, with a code or the name of an error. */
  failed(type: string): void;
}

/** Where it comes from: a request to this process, the process itself, or a request of this process to another one. */
export type SpanKind = "server" | "internal" | "client";

/** A span that ends when its owner says so. */
export interface OpenSpan extends Span {
  /** The ids of its trace and of itself, in the form of a `traceparent` header. */
  readonly traceparent: string;
  readonly traceId: string;
  /** Runs something as a part of it. */
  run<Result>(work: () => Result): Result;
  end(fields: SpanFields): void;
}

/** Makes this process's spans. */
export interface Tracing {
  /** Begins a trace whose id is that of a correlation. With a trusted `traceparent`, continues that trace instead. */
  begin(
    name: string,
    kind: SpanKind,
    from: { readonly correlationId: string; readonly traceparent?: string | undefined },
  ): OpenSpan;
  /** A span within the surrounding one; undefined if nothing is traced. */
  within(name: string, kind: SpanKind): OpenSpan | undefined;
}

// One for each process, across the bundles of a process.
const held = globalThis as typeof globalThis & { posternTracing?: Tracing };

/** This process's tracing; undefined if no endpoint is configured. */
export function tracing(): Tracing | undefined {
  return held.posternTracing;
}

/** Traces this process from now on; with undefined, no longer. */
export function holdTracing(opened: Tracing | undefined): void {
  held.posternTracing = opened;
}

/** The name of an error in a span: its code if it has one. Never its message, which may quote what was typed. */
function typeOf(error: unknown): string {
  const code = sqlState(error) ?? (error instanceof Error && "code" in error ? error.code : undefined);
  if (typeof code === "string" && /^[A-Za-z0-9_]{1,40}$/.test(code)) return code;
  return error instanceof Error ? error.constructor.name : "unknown";
}

/** Runs work as a span within the surrounding one, and records whether it threw. Without tracing it only runs it. */
export async function traced<Result>(
  name: string,
  kind: SpanKind,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = tracing()?.within(name, kind);
  if (!span) return work(undefined);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.failed(typeOf(error));
    throw error;
  } finally {
    span.end({});
  }
}
