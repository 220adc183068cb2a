/** The address at which `/metrics` is served. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

const shape = /^(?:(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)):)?(\d{1,5})$/i;

/**
 * The address in POSTERN_METRICS_ADDRESS: a port of this machine only, or an address and a port. Null if it is
 * not set. Throws one line if it is invalid, or is the address of the product itself.
 */
export function metricsAddressOf(text: string | undefined, publicPort: number): MetricsAddress | null {
  if (!text) return null;
  const found = shape.exec(text);
  const port = Number(found?.[3]);
  if (!found || port < 1 || port > 65_535)
    throw new Error(
      `POSTERN_METRICS_ADDRESS is ${text}: set it to a port, or to an address and a port such as 127.0.0.1:9464.`,
    );
  if (port === publicPort)
    throw new Error(
      `POSTERN_METRICS_ADDRESS is ${text}, the port that people use: metrics have a port of their own.`,
    );
  return { host: found[1] ?? found[2] ?? "127.0.0.1", port };
}
