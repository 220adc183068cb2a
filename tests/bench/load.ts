import { Agent, request } from "node:http";
import autocannon from "autocannon";

export const connections = 16;

/** Requests a second of one address, by so many connections at once. Throws if an answer is not 200. */
export async function requestsPerSecond(url: string, cookie: string, seconds: number): Promise<number> {
  const result = await autocannon({ url, connections, duration: seconds, headers: { cookie } });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} answers were not 200, and ${result.errors} did not come`);
  return result["2xx"] / result.duration;
}

/** One form to be posted, with what its answer must contain. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Encoded when it is sent. */
  readonly fields: () => readonly (readonly [name: string, value: string])[];
  readonly awaits: string;
}

/**
 * Posts forms by so many clients at once, each on a connection of its own. Returns how long each took to the end of its
 * answer, in milliseconds, and how many a second there were.
 */
export async function postAll(posts: readonly Post[]): Promise<{ durations: number[]; perSecond: number }> {
  const durations: number[] = [];
  const waiting = [...posts];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const start = performance.now();
        const text = await post(next, agent);
        durations.push(performance.now() - start);
        if (!text.includes(next.awaits)) throw new Error(`not answered as awaited: ${text.slice(0, 300)}`);
      }
      agent.destroy();
    }),
  );
  return { durations, perSecond: (1_000 * posts.length) / (performance.now() - begun) };
}

const boundary = "----bench";

function post({ url, headers, fields }: Post, agent: Agent): Promise<string> {
  const parts = fields().map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const body = Buffer.from(`${parts.join("")}--${boundary}--\r\n`);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        agent,
        method: "POST",
        headers: {
          ...headers,
          "content-type": `multipart/form-data; boundary=${boundary}`,
          "content-length": body.length,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
        answer.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
