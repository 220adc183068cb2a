import { expect, it } from "vitest";
import { resistsPhishing, type StepUpMethod } from "@/lib/domain/gate/step-up-method";

it("a passkey resists phishing, and a provider that says so; nothing else does", () => {
  const methods: Record<StepUpMethod, boolean> = {
    ...{ Totp: false, RecoveryCode: false, IdentityProvider: false },
    ...{ Passkey: true, PhishingResistantProvider: true },
  };
  for (const [method, resists] of Object.entries(methods))
    expect(resistsPhishing(method as StepUpMethod), method).toBe(resists);
  expect(resistsPhishing(null)).toBe(false);
});
