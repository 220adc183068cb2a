import { BlockList, isIP } from "node:net";

/** The variables that name the proxy through which outside hosts are reached, as curl and other programs read them. */
export const proxyVariables = [
  ...["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"],
] as const;

type Variables = Readonly<Record<string, string | undefined>>;

const ofHttps = (source: Variables) => source.https_proxy || source.HTTPS_PROXY || null;
const ofAll = (source: Variables) => source.all_proxy || source.ALL_PROXY || null;

/**
 * Throws one line unless Postern can use this environment's proxies. Postern asks them for a tunnel (CONNECT), through
 * which it checks the host's own certificate. So a proxy sees only names.
 */
export function checkOutgoingProxy(source: Variables): void {
  for (const [name, given] of [
    ["HTTPS_PROXY", ofHttps(source)],
    ["ALL_PROXY", ofAll(source)],
  ] as const)
    if (given !== null && !(URL.canParse(given) && new URL(given).protocol === "http:"))
      throw new Error(
        `Configuration: ${name} must be the address of the proxy, such as http://proxy.internal:3128.`,
      );
}

/** The ports of addresses that name none. */
export const usualPorts: Readonly<Record<string, string>> = {
  ...{ "https:": "443", "http:": "80", "smtp:": "587", "smtps:": "465" },
};

/** Whether an address is in a network such as 10.0.0.0/8. */
function isWithin(network: string, length: string, address: string): boolean {
  const kind = isIP(network);
  if (kind === 0 || kind !== isIP(address) || !/^\d{1,3}$/.test(length)) return false;
  if (Number(length) > (kind === 4 ? 32 : 128)) return false;
  const family = kind === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(length), family);
  return list.check(address, family);
}

/** Whether `NO_PROXY` names a host: itself, a domain above it, its network, or all hosts. Names may have a port. */
function isExcepted(listed: string, host: string, hostsPort: string): boolean {
  return listed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== "")
    .some((each) => {
      const [network = "", length] = each.split("/");
      if (length !== undefined) return isWithin(network, length, host);
      if (isIP(each) !== 0) return each === host;
      const [, written = "", ofPort] = /^(.*?)(?::(\d+))?$/.exec(each) ?? [];
      if (ofPort !== undefined && ofPort !== hostsPort) return false;
      const name = written.replace(/^\[|\]$/g, "");
      const domain = name.replace(/^\*?\.?/, "");
      return name === "*" || host === domain || host.endsWith(`.${domain}`);
    });
}

const isThisMachine = (host: string) =>
  host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.[\d.]+$/.test(host);

/**
 * The proxy through which an address is requested; null: directly. `HTTPS_PROXY` is for https only, `ALL_PROXY` for
 * mail and everything else. Requests to this machine go through no proxy.
 */
export function proxyFor({ protocol, hostname, port }: URL, source: Variables): URL | null {
  const proxy = (protocol === "https:" ? ofHttps(source) : null) ?? ofAll(source);
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  if (proxy === null || isThisMachine(host)) return null;
  const excepted = isExcepted(
    source.no_proxy || source.NO_PROXY || "",
    host,
    port || usualPorts[protocol] || "",
  );
  return excepted ? null : new URL(proxy);
}
