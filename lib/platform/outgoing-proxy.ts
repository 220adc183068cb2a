/** The variables that name the proxy through which outside hosts are reached, as other programs read them. */
export const proxyVariables = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;

type Variables = Readonly<Record<string, string | undefined>>;

const proxyOf = (source: Variables) => source.https_proxy || source.HTTPS_PROXY || null;

/**
 * Throws one line unless Postern can use this environment's proxy. Postern asks it for a tunnel (CONNECT),
 * through which it checks the host's own certificate. So the proxy sees only names.
 */
export function checkOutgoingProxy(source: Variables): void {
  const given = proxyOf(source);
  if (given !== null && !(URL.canParse(given) && new URL(given).protocol === "http:"))
    throw new Error(
      "Configuration: HTTPS_PROXY must be the address of the proxy, such as http://proxy.internal:3128.",
    );
}

/** Whether `NO_PROXY` names a host: itself, a domain above it, or all hosts, each with or without a port. */
function isExcepted(listed: string, { hostname, port }: URL): boolean {
  return listed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== "")
    .some((each) => {
      const [, name = "", ofPort] = /^(.*?)(?::(\d+))?$/.exec(each) ?? [];
      if (ofPort !== undefined && ofPort !== (port || "443")) return false;
      const domain = name.replace(/^\*?\.?/, "");
      return name === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
    });
}

/**
 * The proxy through which an address is requested; null: directly. Only https goes through a proxy, since http
 * is only for this machine.
 */
export function proxyFor(address: URL, source: Variables): URL | null {
  const proxy = proxyOf(source);
  if (proxy === null || address.protocol !== "https:") return null;
  return isExcepted(source.no_proxy || source.NO_PROXY || "", address) ? null : new URL(proxy);
}
