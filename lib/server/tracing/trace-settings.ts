import { proxyFor } from "@/lib/platform/outgoing-proxy";

type Environment = Readonly<Record<string, string | undefined>>;

/** How spans are sent. The packages of OpenTelemetry read the rest themselves, such as headers and sampling. */
export interface TraceSettings {
  /** The endpoint, without user, password and search. */
  readonly shown: string;
  readonly protocol: "http/protobuf" | "http/json";
  /**
   * The proxy on the way, with the files of certificates and keys that the packages read themselves where there is
   * none.
   */
  readonly through: {
    readonly proxy: URL;
    readonly to: URL;
    readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  } | null;
}

const endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const;
const protocols = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] as const;

function firstSet(environment: Environment, names: readonly string[]) {
  return names.flatMap((name) => (environment[name] ? [{ name, value: environment[name] }] : []))[0];
}

/**
 * Where traces are sent, according to the variables of OpenTelemetry. Null if none names an endpoint, or if
 * tracing is switched off. Throws one line if the settings are not supported.
 */
export function traceSettingsOf(environment: Environment): TraceSettings | null {
  const endpoint = firstSet(environment, endpoints);
  const off =
    environment.OTEL_SDK_DISABLED?.toLowerCase() === "true" || environment.OTEL_TRACES_EXPORTER === "none";
  if (!endpoint || off) return null;
  const url = URL.canParse(endpoint.value) ? new URL(endpoint.value) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(
      `${endpoint.name} is no address with http or https: set it to one such as http://127.0.0.1:4318.`,
    );
  const protocol = firstSet(environment, protocols) ?? { name: "", value: "http/protobuf" };
  if (protocol.value !== "http/protobuf" && protocol.value !== "http/json")
    throw new Error(
      `${protocol.name} is ${protocol.value}: Postern sends traces by http/protobuf or http/json.`,
    );
  const proxy = proxyFor(url, environment);
  const through = proxy && { proxy, to: url, files: filesOf(environment) };
  return { shown: `${url.origin}${url.pathname}`, protocol: protocol.value, through };
}

function filesOf(environment: Environment) {
  const named = (what: string) =>
    firstSet(environment, [`OTEL_EXPORTER_OTLP_TRACES_${what}`, `OTEL_EXPORTER_OTLP_${what}`])?.value;
  const [ca, cert, key] = [named("CERTIFICATE"), named("CLIENT_CERTIFICATE"), named("CLIENT_KEY")];
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

/**
 * Whether the `traceparent` of requests is trusted: POSTERN_TRUST_TRACEPARENT. Throws one line if no proxy is
 * trusted, since anybody could then choose the ids of traces.
 */
export function trustsTraceparent(environment: Environment, trustedProxies: number | null): boolean {
  const text = environment.POSTERN_TRUST_TRACEPARENT;
  if (!text || text === "0") return false;
  if (text !== "1") throw new Error(`POSTERN_TRUST_TRACEPARENT is ${text}: set it to 1, or to 0.`);
  if (!trustedProxies)
    throw new Error(
      "POSTERN_TRUST_TRACEPARENT is 1, but POSTERN_TRUSTED_PROXIES trusts no proxy: any client could choose the ids of traces.",
    );
  return true;
}

/** The variables that the processes of Postern need for it. */
export function traceEnvironment(environment: Environment): Record<string, string | undefined> {
  if (traceSettingsOf(environment) === null) return {};
  const traceVariables = Object.entries(environment).filter(
    ([name]) => name.startsWith("OTEL_") || name === "POSTERN_TRUST_TRACEPARENT",
  );
  return Object.fromEntries(traceVariables);
}
