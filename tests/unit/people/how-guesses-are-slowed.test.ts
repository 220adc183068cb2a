import { expect, it } from "vitest";
import {
  keptSeconds,
  remainingFailures,
  type ThrottleKind,
  throttles,
  waitSeconds,
} from "@/lib/domain/people/throttle";

const hour = 3_600;
const kinds = Object.keys(throttles) as ThrottleKind[];

it("lets the free guesses of every kind through, and makes the next one wait", () => {
  for (const kind of kinds) {
    const { free } = throttles[kind];
    expect(waitSeconds(kind, 0), kind).toBe(0);
    expect(waitSeconds(kind, free - 1), kind).toBe(0);
    expect(waitSeconds(kind, free), kind).toBeGreaterThan(0);
  }
});

it("doubles the wait from two seconds to a quarter of an hour, and forgets after a quiet hour", () => {
  expect([5, 6, 7, 13, 14, 40].map((failures) => waitSeconds("password", failures))).toEqual([
    ...[2, 4, 8, 512, 900, 900],
  ]);
  expect(remainingFailures("password", 9, hour)).toBe(9);
  expect(remainingFailures("password", 9, hour + 1)).toBe(0);
  expect(keptSeconds("password", 9)).toBe(hour + 900);
});

it("lets a count that leaks run dry at its own pace, and never below nothing", () => {
  expect(remainingFailures("strangers", 30, hour)).toBe(20);
  expect(remainingFailures("strangers", 30, 10 * hour)).toBe(0);
  expect(waitSeconds("strangers", 29)).toBe(0);
  expect(waitSeconds("strangers", 30)).toBe(hour / 10);
  expect(waitSeconds("strangers", 39)).toBe(hour);
  expect(waitSeconds("strangers", 29.5)).toBe(hour / 20);
  expect(keptSeconds("strangers", 30)).toBe(3 * hour);
});

it("accepts nothing more in a session whose guesses are used up, for as long as one lives", () => {
  expect(waitSeconds("codesInSession", 19)).toBe(0);
  expect(waitSeconds("codesInSession", 20)).toBe(24 * hour);
  expect(remainingFailures("codesInSession", 20, 48 * hour)).toBe(20);
  expect(keptSeconds("codesInSession", 20)).toBe(24 * hour);
});

it("forgives nothing where a clock was set back", () => {
  for (const kind of kinds) {
    expect(remainingFailures(kind, 7, 0), kind).toBe(7);
    expect(remainingFailures(kind, 7, -hour), kind).toBe(7);
  }
});
