import { AsyncLocalStorage } from "node:async_hooks";

/** What the lines of the log have in common that are written while one thing is done: a request, or a run of a job. */
export interface LogContext {
  readonly requestId?: string;
  readonly runId?: string;
  /** Ties together what the audit log has of it. */
  readonly correlationId: string;
  /** Who asks, once that is known. */
  userId?: string;
}

// One of a process, which is made of several bundles.
const held = globalThis as typeof globalThis & { posternLogContext?: AsyncLocalStorage<LogContext> };

function storage(): AsyncLocalStorage<LogContext> {
  held.posternLogContext ??= new AsyncLocalStorage();
  return held.posternLogContext;
}

/** Does something whose lines in the log belong together. */
export function inLogContext<Result>(context: LogContext, work: () => Result): Result {
  return storage().run(context, work);
}

/** What is being done; undefined outside of requests and jobs. */
export function logContext(): LogContext | undefined {
  return storage().getStore();
}

/** Notes who asks. */
export function noteCaller(userId: string): void {
  const context = logContext();
  if (context) context.userId = userId;
}
