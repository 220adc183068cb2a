import { AsyncLocalStorage } from "node:async_hooks";
import type { ChosenTimes } from "@/lib/domain/time/reader-times";

/** What the log lines of one request, or of one run of a job, have in common. */
export interface LogContext {
  readonly requestId?: string;
  readonly runId?: string;
  /** The correlation id of its audit events. */
  readonly correlationId: string;
  /** The id of its trace, where it is traced. */
  readonly traceId?: string | undefined;
  /** The caller, once known. */
  userId?: string;
  /** How the caller chose to see times, once known. An action needs it for each time that it names. */
  times?: ChosenTimes;
  /** Adds a cookie to the answer of the request. False if its headers are sent. */
  readonly addCookie?: (cookie: string) => boolean;
}

// One for each process, which consists of several bundles.
const held = globalThis as typeof globalThis & { posternLogContext?: AsyncLocalStorage<LogContext> };

function storage(): AsyncLocalStorage<LogContext> {
  held.posternLogContext ??= new AsyncLocalStorage();
  return held.posternLogContext;
}

/** Runs something whose log lines belong together. */
export function inLogContext<Result>(context: LogContext, work: () => Result): Result {
  return storage().run(context, work);
}

/** The current context; undefined outside of requests and jobs. */
export function logContext(): LogContext | undefined {
  return storage().getStore();
}

/** Records the caller. */
export function noteCaller(userId: string, times?: ChosenTimes): void {
  const context = logContext();
  if (context) Object.assign(context, { userId, times });
}
