import type { ChildProcess } from "node:child_process";
import { ForksPoolWorker, type WorkerRequest } from "vitest/node";

let kept: ChildProcess | null = null;

/** Ends the process that runs the tests. The next run starts another one. */
export function endWorker(): void {
  kept?.removeAllListeners();
  kept?.kill("SIGKILL");
  kept = null;
}

/**
 * Runs all tests of all runs in one process. Vitest would start one for each run, and that takes longer than most files
 * of tests: it loads the product, and prepares databases.
 */
export class KeptWorker extends ForksPoolWorker {
  override name = "kept";
  private reused = false;

  private get process(): ChildProcess {
    const { _fork } = this as unknown as { _fork: ChildProcess };
    return _fork;
  }

  override async start(): Promise<void> {
    this.reused = kept !== null && kept.exitCode === null && kept.signalCode === null;
    if (this.reused) Object.assign(this, { _fork: kept });
    else await super.start();
    kept = this.process;
  }

  override send(message: WorkerRequest): void {
    if (message.type === "stop") this.answer("stopped");
    else if (message.type === "start" && this.reused) this.answer("started");
    else super.send(message);
  }

  override async stop(): Promise<void> {
    for (const event of ["message", "error", "exit"]) this.process.removeAllListeners(event);
  }

  private answer(type: "started" | "stopped"): void {
    const { process: worker } = this;
    setImmediate(() => worker.emit("message", { type, __vitest_worker_response__: true }));
  }
}
