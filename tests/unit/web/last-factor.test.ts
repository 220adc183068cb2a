import { afterEach, expect, it, vi } from "vitest";
import { lastFactorHere, rememberFactor } from "@/components/ui/forms/last-factor";

afterEach(() => vi.unstubAllGlobals());

/** The storage of a browser for the site. */
function storage(kept = new Map<string, string>()) {
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  return kept;
}

it("the factor that somebody proved themselves with last in this browser is offered first", () => {
  storage();
  expect(lastFactorHere()).toBe("app");
  for (const factor of ["passkey", "provider", "app"] as const) {
    rememberFactor(factor);
    expect(lastFactorHere()).toBe(factor);
  }
});

it("what a browser keeps that is no factor, or a browser that keeps nothing, leaves the code first", () => {
  storage(new Map([["postern-factor", "<script>"]]));
  expect(lastFactorHere()).toBe("app");
  const refuses = () => {
    throw new Error("not allowed");
  };
  vi.stubGlobal("localStorage", { getItem: refuses, setItem: refuses });
  rememberFactor("passkey");
  expect(lastFactorHere()).toBe("app");
});
