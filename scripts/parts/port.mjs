import { createServer } from "node:net";
import { errorCode } from "./fault.mjs";

/** The port that PORT names, or 3000. Throws one line when it makes no sense. */
export function wantedPort() {
  const text = process.env.PORT || "3000";
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`PORT is ${text}: set it to a number from 1 to 65535.`);
}

/**
 * What is wrong with listening on a port, in one line.
 *
 * @param {unknown} error
 * @param {number} port
 */
export function listenFault(error, port) {
  if (errorCode(error) === "EADDRINUSE") return new Error(`Port ${port} is taken: set PORT to another.`);
  if (errorCode(error) === "EACCES")
    return new Error(`Port ${port} may not be used by this user: set PORT to another.`);
  return error;
}

/**
 * Throws one line when the port is taken; asked before anything is changed.
 *
 * @param {number} port
 * @returns {Promise<void>}
 */
export function checkPort(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(listenFault(error, port)));
    server.listen(port, () => server.close(() => resolve()));
  });
}
