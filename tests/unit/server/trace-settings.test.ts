import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { traceEnvironment, traceSettingsOf, trustsTraceparent } from "@/lib/server/tracing/trace-settings";
import { root } from "@/scripts/parts/root.mjs";

const endpoint = "http://user:secret@collector.internal:4318/base?key=secret";

it("traces are sent where OpenTelemetry's variables say, and nothing is without an endpoint or when switched off", () => {
  expect(traceSettingsOf({})).toBeNull();
  expect(traceSettingsOf({ OTEL_SERVICE_NAME: "postern" })).toBeNull();
  expect(traceSettingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "TRUE" })).toBeNull();
  expect(traceSettingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" })).toBeNull();
  const shown = "http://collector.internal:4318/base";
  expect(traceSettingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({
    shown,
    protocol: "http/protobuf",
    through: null,
  });
  const json = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
  expect(traceSettingsOf(json)).toEqual({ shown, protocol: "http/json", through: null });
});

it("what cannot be sent so is refused in one line without secrets", () => {
  expect(() => traceSettingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: "secret:4317" })).toThrow(
    /^OTEL_EXPORTER_OTLP_ENDPOINT is no address with http or https: set it to one such as http:\/\/127.0.0.1:4318.$/,
  );
  const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  expect(() => traceSettingsOf(grpc)).toThrow("OTEL_EXPORTER_OTLP_PROTOCOL is grpc: Postern sends traces by");
});

it("only a trusted proxy may say what trace a request belongs to", () => {
  expect(trustsTraceparent({}, 1)).toBe(false);
  expect(trustsTraceparent({ POSTERN_TRUST_TRACEPARENT: "1" }, 1)).toBe(true);
  for (const proxies of [null, 0])
    expect(() => trustsTraceparent({ POSTERN_TRUST_TRACEPARENT: "1" }, proxies)).toThrow("trusts no proxy");
  expect(() => trustsTraceparent({ POSTERN_TRUST_TRACEPARENT: "yes" }, 1)).toThrow("set it to 1, or to 0");
});

it("processes get OpenTelemetry's variables only where traces are sent", () => {
  const other = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret", HOME: "/root" };
  expect(traceEnvironment(other)).toEqual({});
  const all = { ...other, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, POSTERN_TRUST_TRACEPARENT: "1" };
  expect(Object.keys(traceEnvironment(all)).sort()).toEqual([
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "POSTERN_TRUST_TRACEPARENT",
  ]);
});

it("the packages of OpenTelemetry are loaded only where traces are sent, and the pages know none of them", () => {
  const files = ["lib", "app", "components"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => `${folder}/${path}`),
  );
  const loading = files.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/import type [^;]+;/g, "");
    return /from "@opentelemetry/.test(text)
      ? [`${path} at once`]
      : /@opentelemetry/.test(text)
        ? [path]
        : [];
  });
  expect(loading.sort()).toEqual([
    "lib/server/tracing/open-tracing.ts",
    "lib/server/tracing/span-exporter.ts",
  ]);
});
