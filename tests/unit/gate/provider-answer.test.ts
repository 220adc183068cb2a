import { describe, expect, it } from "vitest";
import { judgeProviderAnswer } from "@/lib/domain/gate/provider-answer";
import { clockSkewSeconds } from "@/lib/domain/people/provider-ways";

const begunAt = new Date("2026-03-02T09:00:00.500Z");
const begun = Math.floor(begunAt.getTime() / 1_000);
const since = (seconds: number) => new Date(begunAt.getTime() + seconds * 1_000);
const asked = {
  ...{ nonce: "of this challenge", subject: "ada", begunAt, now: since(30) },
  ...{ acrValues: ["mfa", "phr"], phishingResistant: ["phr"], claim: "acr" },
};
const right = { nonce: asked.nonce, sub: "ada", acr: "mfa", auth_time: begun + 20, iat: begun + 29 };

describe("an answer of a provider", () => {
  it("confirms, as strongly as its way to sign in is configured to be", () => {
    expect(judgeProviderAnswer(right, asked)).toEqual({
      ...{ ok: true, method: "IdentityProvider", acr: "mfa", authTime: begun + 20 },
    });
    expect(judgeProviderAnswer({ ...right, acr: "phr" }, asked)).toMatchObject({
      method: "PhishingResistantProvider",
    });
  });

  it.each([
    ["another challenge's nonce", { nonce: "of another" }, "OtherChallenge"],
    ["no nonce", { nonce: undefined }, "OtherChallenge"],
    ["another subject", { sub: "eve" }, "OtherPerson"],
    ["a way that is not configured", { acr: "pwd" }, "OtherWay"],
    ["no way", { acr: undefined }, "OtherWay"],
    ["several ways at once", { acr: ["mfa"] }, "OtherWay"],
    ["no time of signing in", { auth_time: undefined }, "NotFresh"],
    ["a time that is text", { auth_time: String(begun + 20) }, "NotFresh"],
    ["no time of its own", { iat: undefined }, "NotFresh"],
    ["a sign-in before the challenge", { auth_time: begun - clockSkewSeconds - 1, iat: begun }, "NotFresh"],
    // Within the skew, but the provider's own clock says that it was before.
    ["a sign-in just before the challenge", { auth_time: begun - 5, iat: begun + 29 }, "NotFresh"],
  ])("with %s confirms nothing", (_what, change, fault) => {
    expect(judgeProviderAnswer({ ...right, ...change }, asked)).toEqual({ ok: false, fault });
  });

  it("may list several ways in a claim of the provider's own, of which the strongest counts", () => {
    const entra = { ...asked, acrValues: ["c1", "c2"], phishingResistant: ["c2"], claim: "acrs" };
    const said = (acrs: unknown) => judgeProviderAnswer({ ...right, acr: "mfa", acrs }, entra);
    expect(said(["c7", "c1"])).toMatchObject({ ok: true, method: "IdentityProvider", acr: "c1" });
    expect(said(["c1", "c2"])).toMatchObject({ ok: true, method: "PhishingResistantProvider", acr: "c2" });
    expect(said("c1")).toMatchObject({ ok: true, method: "IdentityProvider" });
    for (const other of [[], ["c3"], [["c1"]], { c1: true }, "c1 c2", undefined])
      expect(said(other), JSON.stringify(other)).toEqual({ ok: false, fault: "OtherWay" });
  });

  it.each([-clockSkewSeconds, 0, clockSkewSeconds])(
    "of a provider whose clock differs by %i seconds confirms",
    (seconds) => {
      const shifted = { ...right, auth_time: begun + seconds, iat: begun + 29 + seconds };
      expect(judgeProviderAnswer(shifted, asked)).toMatchObject({ ok: true });
    },
  );

  it("may round both times in its favour by the second that they have", () => {
    const quick = { ...right, auth_time: begun, iat: begun + 2 };
    expect(judgeProviderAnswer(quick, { ...asked, now: since(1) })).toMatchObject({ ok: true });
    expect(judgeProviderAnswer({ ...quick, iat: begun + 3 }, { ...asked, now: since(1) })).toMatchObject({
      fault: "NotFresh",
    });
  });
});
