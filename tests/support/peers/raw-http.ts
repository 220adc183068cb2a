import { connect, type Socket } from "node:net";

/** A connection on which a test writes what no well-behaved client would write. */
export interface RawConnection {
  readonly socket: Socket;
  /** The answer so far. */
  text(): string;
  /** Resolves with the whole answer once the other side has closed. */
  readonly closed: Promise<string>;
  /** Resolves once the answer contains this. Rejects if the connection ends before. */
  says(wanted: string): Promise<string>;
}

/** Opens a connection and writes these lines, with HTTP line ends and nothing after them. */
export function openRaw(port: number, lines: readonly string[], host = "127.0.0.1"): RawConnection {
  const socket = connect(port, host);
  let text = "";
  let over = false;
  const listeners = new Set<() => void>();
  const hear = () => {
    for (const listener of listeners) listener();
  };
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
    hear();
  });
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => {
    socket.once("close", () => {
      over = true;
      resolve(text);
      hear();
    });
  });
  socket.write(lines.map((line) => `${line}\r\n`).join(""));
  return {
    socket,
    text: () => text,
    closed,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (text.includes(wanted)) resolve(text);
          else if (over) reject(new Error(`it closed without saying "${wanted}": ${text}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}

/** The status of an answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}
