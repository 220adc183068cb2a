import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  kind: z.number(),
  attributes: z.array(attribute),
  events: z.array(z.object({ name: z.string(), attributes: z.array(attribute) })),
  status: z.object({ code: z.number() }),
});
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

const valuesOf = (attributes: readonly z.infer<typeof attribute>[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A receiver of OTLP over HTTP, like a collector, with what it received. It does not answer if `answers` is false. */
export async function startTraceReceiver({ answers = true }: { readonly answers?: boolean } = {}) {
  const received: { readonly path: string; readonly type: string; readonly body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return;
    }
    const type = request.headers["content-type"] ?? "";
    received.push({ path: request.url ?? "", type, body: Buffer.concat(parts) });
    if (answers) response.writeHead(200, { "content-type": type }).end(type.includes("json") ? "{}" : "");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** All of it, as it was sent. */
    text: () => received.map(({ body }) => body.toString("latin1")).join("\n"),
    /** The spans that came as JSON. */
    spans: () =>
      received.flatMap(({ body }) =>
        exported.parse(JSON.parse(body.toString("utf8"))).resourceSpans.flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map(({ attributes, events, ...each }) => ({
              ...each,
              fields: valuesOf(attributes),
              events: events.map(({ name, attributes }) => [name, valuesOf(attributes)]),
              resource: valuesOf(resource.attributes),
            })),
          ),
        ),
      ),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
