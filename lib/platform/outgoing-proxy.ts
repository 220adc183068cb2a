/** The variables that say through which proxy hosts outside are asked, as other programs read them. */
export const proxyVariables = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;

type Variables = Readonly<Record<string, string | undefined>>;

const proxyOf = (source: Variables) => source.https_proxy || source.HTTPS_PROXY || null;

/**
 * Throws one line unless this environment's proxy is one that Postern can use. It is asked for a tunnel (CONNECT), through
 * which the host's own certificate is checked, so that it sees names and nothing else.
 */
export function checkOutgoingProxy(source: Variables): void {
  const given = proxyOf(source);
  if (given !== null && !(URL.canParse(given) && new URL(given).protocol === "http:"))
    throw new Error(
      "Configuration: HTTPS_PROXY must be the address of the proxy, such as http://proxy.internal:3128.",
    );
}

/** Whether `NO_PROXY` names a host: itself, a domain above it, or all, each with a port or without. */
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

/** The proxy through which an address is asked; null: directly. Only https goes through one: http is this machine's own. */
export function proxyFor(address: URL, source: Variables): URL | null {
  const proxy = proxyOf(source);
  if (proxy === null || address.protocol !== "https:") return null;
  return isExcepted(source.no_proxy || source.NO_PROXY || "", address) ? null : new URL(proxy);
}
