import { readConfiguration } from "@/lib/platform/configuration";
import { checkOutgoingProxy } from "@/lib/platform/outgoing-proxy";
import type { Installation } from "@/lib/server/database/installation";
import { type Finding, findingsOf, type Settings } from "@/lib/server/doctor/finding";
import { trustedProxiesOf } from "@/lib/server/http/client-address";
import { drainSecondsOf, servingProcessesOf } from "@/lib/server/http/serving-processes";
import { metricsAddressOf } from "@/lib/server/metrics/metrics-address";
import { traceSettingsOf, trustsTraceparent } from "@/lib/server/tracing/trace-settings";
import { errorText } from "@/scripts/parts/fault.mjs";

/** Whether a start would accept these settings. */
export function checkConfiguration(installation: Installation, source: Settings): Finding[] {
  const of = findingsOf("configuration");
  try {
    const configuration = readConfiguration({
      ...source,
      DATABASE_URL: source.DATABASE_URL || "embedded",
      POSTERN_URL: source.POSTERN_URL || "http://localhost",
      POSTERN_SESSION_SECRET: installation.sessionSecret(),
      POSTERN_ENCRYPTION_KEYS: installation.encryptionKeys(),
    });
    trustsTraceparent(source, trustedProxiesOf(source.POSTERN_TRUSTED_PROXIES));
    traceSettingsOf(source);
    checkOutgoingProxy(source);
    metricsAddressOf(source.POSTERN_METRICS_ADDRESS, Number(source.PORT) || 3_000);
    drainSecondsOf(source.POSTERN_DRAIN_SECONDS);
    const processes = servingProcessesOf(source.POSTERN_PROCESSES);
    const providers = configuration.identityProviders.length;
    return [
      of.ok(
        `${processes} serving ${processes === 1 ? "process" : "processes"}, ${providers} identity ${providers === 1 ? "provider" : "providers"}`,
      ),
    ];
  } catch (error) {
    return [of.fault(errorText(error), "Correct it: Postern does not start with it.")];
  }
}

/** Whether what people send and receive is encrypted in transit. */
export function checkTransport(source: Settings): Finding[] {
  const of = findingsOf("address");
  const url = source.POSTERN_URL;
  if (!url)
    return [
      of.warning(
        "POSTERN_URL is not set: Postern answers on this machine's own names, without https",
        "Set it to the https address that people use.",
      ),
    ];
  if (!URL.canParse(url))
    return [of.fault(`POSTERN_URL is ${url}`, "Set it to the https address that people use.")];
  const { protocol, hostname } = new URL(url);
  const here =
    hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(hostname);
  if (protocol !== "https:" && !here)
    return [
      of.fault(
        `${url} is not https: passwords, codes and cookies can be read on their way`,
        "Let a proxy end TLS, and set POSTERN_URL to its https address.",
      ),
    ];
  return [of.ok(url)];
}
