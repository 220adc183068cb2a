import { expect, it } from "vitest";
import { drainSecondsOf } from "@/lib/server/http/serving-processes";
import { metricsAddressOf } from "@/lib/server/metrics/metrics-address";

it("metrics are read nowhere, at a port of this machine alone, or at an address that is named", () => {
  expect([undefined, ""].map((text) => metricsAddressOf(text, 3_000))).toEqual([null, null]);
  for (const [text, host, port] of [
    ["9464", "127.0.0.1", 9_464],
    ["127.0.0.1:9464", "127.0.0.1", 9_464],
    ["[::1]:9464", "::1", 9_464],
    ["metrics.internal:65535", "metrics.internal", 65_535],
  ] as const)
    expect(metricsAddressOf(text, 3_000), text).toEqual({ host, port });
});

it("what is no address, or is where people come to, is reported in one line", () => {
  for (const text of [
    "0",
    "65536",
    "127.0.0.1",
    "127.0.0.1:",
    ":9464",
    "http://127.0.0.1:9464",
    "::1:9464",
    "a b:1",
  ])
    expect(() => metricsAddressOf(text, 3_000), text).toThrow(
      `POSTERN_METRICS_ADDRESS is ${text}: set it to`,
    );
  for (const text of ["3000", "0.0.0.0:3000"])
    expect(() => metricsAddressOf(text, 3_000), text).toThrow("the port that people use");
});

it("a stopping process answers on for as long as is set, at most five minutes", () => {
  expect([undefined, "", "0", "15", "300"].map(drainSecondsOf)).toEqual([0, 0, 0, 15, 300]);
  for (const text of ["-1", "1.5", "301", "long"])
    expect(() => drainSecondsOf(text)).toThrow(`POSTERN_DRAIN_SECONDS is ${text}: set it to`);
});
