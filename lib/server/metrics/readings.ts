import type { ChildProcess } from "node:child_process";
import type { MetricObjectWithValues, MetricValue } from "prom-client";

/** A metric with its values, as it is sent over a channel. */
export type Measured = MetricObjectWithValues<MetricValue<string>>;

/** What one process has counted; null if it did not answer in time. */
export interface Reading {
  readonly process: string;
  readonly pid: number;
  readonly metrics: readonly Measured[] | null;
}

interface Question {
  readonly askedForMetrics: number;
}

interface Answer {
  readonly metricsFor: number;
  readonly readings: readonly Reading[];
}

/** A leader waits less than the process that asks it, so that one silent process does not hide the others. */
export const patience = { ofLeader: 1_000, ofAsker: 2_000 };

let asked = 0;

function isQuestion(sent: unknown): sent is Question {
  return typeof sent === "object" && sent !== null && "askedForMetrics" in sent;
}

/** Whether a child's message is the answer to `readingsOf`. */
export function isReadings(sent: unknown): sent is Answer {
  return typeof sent === "object" && sent !== null && "metricsFor" in sent;
}

/** Answers the process that started this one with the counts, whenever it asks. */
export function answerReadings(read: () => Promise<readonly Reading[]>): void {
  process.on("message", (sent) => {
    if (!isQuestion(sent)) return;
    read().then(
      (readings) => process.send?.({ metricsFor: sent.askedForMetrics, readings } satisfies Answer, () => {}),
      // The asking process waits no longer than its own limit.
      () => {},
    );
  });
}

/** The counts of a child and of those that it leads. Null if it did not answer in time. */
export function readingsOf(
  child: Pick<ChildProcess, "connected" | "send" | "on" | "off">,
  patienceMilliseconds: number,
): Promise<readonly Reading[] | null> {
  asked += 1;
  const own = asked;
  return new Promise((resolve) => {
    const end = (readings: readonly Reading[] | null) => {
      clearTimeout(timer);
      child.off("message", listen);
      resolve(readings);
    };
    const listen = (sent: unknown) => {
      if (isReadings(sent) && sent.metricsFor === own) end(sent.readings);
    };
    const timer = setTimeout(() => end(null), patienceMilliseconds);
    child.on("message", listen);
    if (child.connected) child.send({ askedForMetrics: own } satisfies Question, () => {});
    else end(null);
  });
}
