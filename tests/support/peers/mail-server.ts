import net from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A real SMTP server on a free local port, with the mail it has received. */
export interface MailServer {
  readonly url: string;
  readonly received: ParsedMail[];
  close(): Promise<void>;
}

export async function startMailServer(options: Partial<SMTPServerOptions> = {}): Promise<MailServer> {
  const received: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    closeTimeout: 50,
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        received.push(mail);
        done();
      }, done);
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the mail server has no port");
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The error that makes an SMTP server answer with this code. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A server that sends a byte now and then but never ends a reply, so that no silence time-out ends it. */
export interface DrippingServer {
  readonly url: string;
  /** The number of connections so far, and of those that are open. */
  connections(): { readonly made: number; readonly open: number };
  close(): Promise<void>;
}

/** It drips its greeting, or greets and drips its answer to EHLO. */
export async function startDrippingServer(begins: "greeting" | "EHLO"): Promise<DrippingServer> {
  const open = new Set<net.Socket>();
  let made = 0;
  const server = net.createServer((socket) => {
    made += 1;
    open.add(socket);
    const drip = (line: string) => {
      let place = 0;
      const timer = setInterval(() => {
        socket.write(line.charAt(place % line.length));
        place += 1;
      }, 20);
      socket.once("close", () => clearInterval(timer));
    };
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    if (begins === "greeting") drip("220-wait\r\n");
    else {
      socket.write("220 ready\r\n");
      socket.once("data", () => drip("250-wait\r\n"));
    }
    socket.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the dripping server has no port");
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    connections: () => ({ made, open: open.size }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
