import { expect, it } from "vitest";
import { signInWays } from "@/lib/domain/people/sign-in-ways";

const contoso = { issuer: "https://id.contoso.example", name: "Contoso" };
const former = "https://id.fabrikam.example";

it("names the ways in that work, and apart from them links to providers that are no longer set up", () => {
  const own = { password: true, passkeys: 2, issuers: [former, contoso.issuer] };
  expect(signInWays(own, [contoso])).toEqual({ ways: ["Password", "Passkey", "Contoso"], gone: [former] });
  expect(signInWays({ password: false, passkeys: 0, issuers: [former] }, [])).toEqual({
    ...{ ways: [], gone: [former] },
  });
});
