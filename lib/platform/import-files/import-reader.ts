import { lookup } from "node:dns";
import { request } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { ImportSource } from "@/lib/domain/gate/import-schedule-plan";
import { addressFault } from "@/lib/domain/imports/import-schedule";
import { outgoingProxy } from "@/lib/platform/configuration";
import { readFolder } from "@/lib/platform/import-files/import-folder";
import {
  errorCode,
  type ImportHost,
  type ImportSources,
  mebibytes,
  refused,
  type SourceRead,
  sourceLimits,
} from "@/lib/platform/import-files/import-sources";
import { tunnelAgent } from "@/lib/platform/tunnel-agent";

/** Reads what a scheduled import names. The present configuration counts, whatever was allowed when it was set up. */
export function readImportSource(
  sources: ImportSources,
  { source, location }: { readonly source: ImportSource; readonly location: string },
): Promise<SourceRead> {
  return source === "Folder" ? readFolder(sources, location) : readAddress(sources, location);
}

/** Addresses that are not on the public internet: this machine, its networks, and the metadata services of clouds. */
// Two lists, since each would judge an address of the other kind by its own networks.
const notPublic = { 4: new BlockList(), 6: new BlockList() };
for (const [address, prefix] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
  ] as const),
  ...([
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
  ] as const),
  ...([
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
])
  notPublic[4].addSubnet(address, prefix, "ipv4");
// Everything except global unicast, and within that documentation, Teredo and 6to4, which embed other
// addresses.
for (const [address, prefix] of [
  ...([
    ["::", 3],
    ["4000::", 2],
    ["8000::", 1],
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["3fff::", 20],
  ] as const),
])
  notPublic[6].addSubnet(address, prefix, "ipv6");

/** Whether an address is on the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic[4].check(address, "ipv4");
    case 6:
      return !notPublic[6].check(address, "ipv6");
    default:
      return false;
  }
}

/**
 * The addresses of a name, unless one of them is not public. The connection goes to exactly the addresses that
 * were judged.
 */
export const publicLookup: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    const closed = found?.find(({ address }) => !isPublicAddress(address));
    if (error) return done(error, "");
    const [first] = found;
    if (closed || !first) {
      const fault: NodeJS.ErrnoException = new Error("not public");
      fault.code = "NOTPUBLIC";
      return done(fault, "");
    }
    return options.all ? done(null, found) : done(null, first.address, first.family);
  });
};

const privateRefused =
  "The name of its host leads to an address that is not public. The configuration allows that only where it says so.";

/** The answer of an address, as one file. */
async function readAddress({ hosts }: ImportSources, address: string): Promise<SourceRead> {
  const fault = addressFault(address, { hosts: hosts.map(({ host }) => host) });
  if (fault !== null) return refused(fault);
  const url = new URL(address);
  const allowed = hosts.find(({ host }) => host === url.host);
  if (!allowed) return refused("The configuration does not allow this host.");
  const bare = url.hostname.replace(/^\[|\]$/g, "");
  // A literal address is never looked up.
  if (!allowed.privateAddresses && isIP(bare) !== 0 && !isPublicAddress(bare)) return refused(privateRefused);
  try {
    const read = await get(url, allowed);
    if (typeof read === "string") return refused(read);
    return { ok: true, files: [{ name: url.pathname.split("/").at(-1) || url.hostname, bytes: read }] };
  } catch (error) {
    const code = errorCode(error);
    if (code === "NOTPUBLIC") return refused(privateRefused);
    return refused(
      code === "ABORT_ERR" || code === "TimeoutError"
        ? `The address did not answer completely within ${sourceLimits.milliseconds / 1000} seconds.`
        : `The address cannot be read (${code}).`,
    );
  }
}

/** The body of the answer, or why it is not accepted. A proxy on the way looks up the name itself. */
function get(url: URL, host: ImportHost): Promise<Uint8Array | string> {
  const proxy = outgoingProxy(url);
  const patience = { patienceMilliseconds: sourceLimits.milliseconds };
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        agent: proxy === null ? false : tunnelAgent(url, { proxy, ...patience }),
        signal: AbortSignal.timeout(sourceLimits.milliseconds),
        headers: {
          accept: "application/json, */*;q=0.5",
          // Unpacked it could be larger than the limit.
          "accept-encoding": "identity",
          "user-agent": "Postern",
          ...(host.authorization === undefined ? {} : { authorization: host.authorization }),
        },
        ...(host.privateAddresses ? {} : { lookup: publicLookup }),
        ...(host.certificates === undefined ? {} : { ca: host.certificates }),
      },
      (answer) => {
        const give = (message: string) => {
          answer.destroy();
          resolve(message);
        };
        const status = answer.statusCode ?? 0;
        if (status >= 300 && status < 400)
          return give("The address redirects elsewhere. Redirects are not followed.");
        if (status !== 200) return give(`The address answered ${status}.`);
        if ((answer.headers["content-encoding"] ?? "identity") !== "identity")
          return give("The address answered in a compressed form.");
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > sourceLimits.fileBytes)
            return give(`The answer has more than ${mebibytes(sourceLimits.fileBytes)}.`);
          chunks.push(chunk);
        });
        answer.on("error", reject);
        answer.on("end", () =>
          answer.complete ? resolve(Buffer.concat(chunks)) : resolve("The answer was cut off."),
        );
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}
