import type { ServerResponse } from "node:http";

/**
 * Sends the head of an answer together with what is written at the same moment. Next.js flushes the head before it writes
 * the first part, which would go out by itself: one more packet for the network, and the browser wakes up twice.
 */
export function sendHeadWithBody(response: ServerResponse): void {
  const flush = response.flushHeaders.bind(response);
  response.flushHeaders = () => {
    response.cork();
    process.nextTick(() => response.uncork());
    flush();
  };
}
