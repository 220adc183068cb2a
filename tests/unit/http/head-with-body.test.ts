import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sendHeadWithBody } from "@/lib/server/http/head-with-body";
import { openRaw } from "../../support/peers/raw-http";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Asks for one page. `sent` counts how often something was given to the network. */
async function ask(answer: (response: ServerResponse) => void) {
  const sent = vi.fn();
  const server = createServer((_request, response) => {
    const { socket } = response;
    for (const name of ["_write", "_writev"] as const) {
      const send = socket?.[name]?.bind(socket) as (...given: unknown[]) => void;
      Object.assign(socket ?? {}, {
        [name](...given: unknown[]) {
          sent();
          send(...given);
        },
      });
    }
    sendHeadWithBody(response);
    answer(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return { sent, ...openRaw(port, ["GET / HTTP/1.1", "Host: localhost", "Connection: close", ""]) };
}

describe("the head of an answer", () => {
  it("is sent together with what is written at the same moment, and the rest later", async () => {
    let end = () => {};
    const { says, closed, sent } = await ask((response) => {
      response.flushHeaders();
      response.write("the first part");
      end = () => response.end("the last part");
    });
    expect(await says("the first part")).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(sent).toHaveBeenCalledTimes(1);
    end();
    const whole = await closed;
    expect(whole.indexOf("the first part")).toBeLessThan(whole.indexOf("the last part"));
    expect(whole).toMatch(/\r\n0\r\n\r\n$/);
  });

  it("is sent alone if nothing is written yet", async () => {
    let end = () => {};
    const { says, closed } = await ask((response) => {
      response.flushHeaders();
      end = () => response.end("all of it");
    });
    expect(await says("\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 OK/);
    end();
    expect(await closed).toContain("all of it");
  });
});
