import { expect, it } from "vitest";
import { noteOfRequest, outcomeInWords, requestInWords } from "@/app/(portal)/my-requests/request-row-words";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

const member: PrincipalIdentity = {
  id: "01900000-0000-7000-8000-000000000001",
  type: "User",
  displayName: "Mina Tanaka",
  email: "mina@contoso.example",
  externalId: null,
  former: [],
};

it("a row of My requests names what was asked with every name kept to itself", () => {
  expect(
    requestInWords({
      requestType: "SelfActivate",
      durationMinutes: 60,
      roleName: "مالك",
      resourceName: "Prod",
    }),
  ).toBe("Activate \u2068مالك\u2069 on Prod");
});

it("a row of My requests says for whom it was, and only the beginning of a long reason", () => {
  expect(noteOfRequest({ member, justification: null }, member.id)).toBeNull();
  expect(noteOfRequest({ member, justification: "Why" }, "somebody else")).toMatch(
    /^For .*Mina Tanaka.* · Why$/,
  );
  expect(noteOfRequest({ member, justification: "é".repeat(200) }, member.id)).toBe(`${"é".repeat(160)}…`);
});

it("a row of My requests says why a request ended as it did", () => {
  expect(outcomeInWords({ failureReasons: [], decisions: [] })).toBeNull();
  const decisions = [{ by: member, justification: "The audit is over" }];
  expect(outcomeInWords({ failureReasons: ["Too long."], decisions })).toMatch(
    /^Too long\. .*Mina Tanaka.*: The audit is over$/,
  );
});
