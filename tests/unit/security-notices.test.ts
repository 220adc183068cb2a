import { expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/event-facts";
import { noticesOf } from "@/lib/domain/event-notices";

const id = "018f0000-0000-7000-8000-000000000000";
const event = (kind: string, details: EventFacts["details"]): EventFacts => ({
  ...{ kind, details, requestId: null, actorId: id, actorName: "Max", targetId: id, targetName: "Ada" },
  ...{ roleDefinitionId: null, roleName: null, resourceId: null, resourceName: null, scope: null },
  ...{ justification: null, ipAddress: null, userAgent: null, occurredAt: new Date(0), requestorId: null },
  ...{ actorEmail: null, targetType: null, targetEmail: null, targetExternalId: null },
  fromNewAddress: false,
});

it("tells a person of a change of their address at the old one too", () => {
  const before = { displayName: "Ada", email: "ada@contoso.example" };
  const after = { displayName: "Ada", email: "mallory@contoso.example" };
  expect(noticesOf(event("PrincipalUpdated", { before, after }))).toMatchObject([
    { audience: "target", addresses: ["ada@contoso.example"] },
  ]);
  const recased = { ...before, email: "Ada@contoso.example" };
  expect(noticesOf(event("PrincipalUpdated", { before, after: recased }))).toEqual([]);
});

it("tells a person of a sign-in that is issued for them, and of its use", () => {
  for (const kind of ["SignInIssued", "OneTimePasswordUsed"])
    expect(noticesOf(event(kind, { signIn: "Invitation" }))).toMatchObject([{ audience: "target" }]);
});
