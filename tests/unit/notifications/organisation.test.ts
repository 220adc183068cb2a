import { describe, expect, it } from "vitest";
import { alertAddressesFault, alertAddressesOf } from "@/lib/domain/notifications/alert-addresses";
import {
  mailDomainsFault,
  mailDomainsOf,
  normalMailDomains,
} from "@/lib/domain/notifications/allowed-mail-domains";
import { normalOrganisation, organisationFaults } from "@/lib/domain/notifications/organisation";

describe("the domains that mail may go to", () => {
  it("are read one a line or between commas, each once, in one spelling and in order", () => {
    const text = "  Fabrikam.com, contoso.COM;\n@contoso.com\n\nbücher.example,";
    expect(mailDomainsOf(text)).toEqual(["contoso.com", "fabrikam.com", "xn--bcher-kva.example"]);
    expect(mailDomainsOf(" ,;\n")).toEqual([]);
    expect(normalMailDomains(["b.example", "@A.example", "a.example"])).toEqual(["a.example", "b.example"]);
    // One leading at sign is part of an address; with more it is not a domain.
    expect(mailDomainsFault(normalMailDomains(["a@contoso.com"]))).toContain("a@contoso.com");
  });

  const label = "a".repeat(63);
  it.each([
    ...[
      "contoso.com",
      "a.b",
      "mail.4you.example",
      "sub.contoso.co.uk",
      "x-y.example",
      "1and1.example",
      "xn--bcher-kva.example",
    ],
    ...[`${label}.com`, `${`${"a".repeat(61)}.`.repeat(4)}abcde`],
  ])("may have %s", (domain) => {
    expect(mailDomainsFault([domain])).toBeNull();
  });

  it.each([
    ...["contoso", "com.", ".com", "a..b", "-a.com", "a-.com", "a_b.com", "Contoso.com", "a b.com", ""],
    ...["contoso.com/x", "contoso.com:25", "*.contoso.com", `a${label}.com`, `a.a${label}`],
    `${`${"a".repeat(61)}.`.repeat(4)}abcdef`,
    // No address ends in a number (RFC 3696, section 2).
    ...["127.0.0.1", "a.1", "[127.0.0.1]"],
  ])("may not have %j", (domain) => {
    expect(mailDomainsFault(["contoso.com", domain])).toMatch(
      /^“.*” is not a mail domain, such as contoso\.com\.$/s,
    );
  });

  it("are at most fifty, and no number that a browser reads as a host", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `d${index}.example`);
    expect(mailDomainsFault(many(50))).toBeNull();
    expect(mailDomainsFault(many(51))).toBe("Enter at most 50 domains.");
    expect(mailDomainsFault(mailDomainsOf("2024"))).not.toBeNull();
    expect(mailDomainsFault([`${"x".repeat(300)}`])).toBe(
      `“${"x".repeat(80)}” is not a mail domain, such as contoso.com.`,
    );
  });
});

describe("the addresses of alerts", () => {
  it("are read one a line or between commas, each once, and are ten at most", () => {
    const read = alertAddressesOf("soc@contoso.com,\n CERT@contoso.com; soc@contoso.com");
    expect(read).toEqual(["cert@contoso.com", "soc@contoso.com"]);
    expect(alertAddressesFault(read)).toBeNull();
    expect(alertAddressesOf(" \n")).toEqual([]);
    const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@contoso.com`);
    expect(alertAddressesFault(many(10))).toBeNull();
    expect(alertAddressesFault(many(11))).toBe("Enter at most 10 addresses.");
    expect(alertAddressesFault(["x".repeat(300)])).toContain(`“${"x".repeat(80)}”`);
    expect(alertAddressesFault(["soc@contoso.com", "contoso"])).toBe(
      "“contoso” is not an email address, such as security@contoso.com.",
    );
  });
});

describe("the organisation", () => {
  const settings = {
    ...{ displayName: "Contoso", timeZone: "Europe/Berlin", allowedMailDomains: ["contoso.com"] },
    alertAddresses: ["soc@contoso.com"],
  };
  const fields = (of: object) => organisationFaults({ ...settings, ...of }).map(({ field }) => field);

  it("has a name, a zone of the list and mail domains", () => {
    expect(organisationFaults(settings)).toEqual([]);
    expect(fields({ displayName: " " })).toEqual(["displayName"]);
    expect(organisationFaults({ ...settings, displayName: "" })).toEqual([
      { field: "displayName", message: "Enter the name of your organisation." },
    ]);
    expect(organisationFaults({ ...settings, timeZone: "+01:00" })).toEqual([
      { field: "timeZone", message: "Choose a time zone from the list." },
    ]);
    expect(organisationFaults({ ...settings, allowedMailDomains: ["contoso"] })).toEqual([
      { field: "allowedMailDomains", message: "“contoso” is not a mail domain, such as contoso.com." },
    ]);
    expect(fields({ alertAddresses: ["soc"] })).toEqual(["alertAddresses"]);
    const wrong = { displayName: "", timeZone: "Mars", allowedMailDomains: ["x"], alertAddresses: ["x"] };
    expect(fields(wrong)).toHaveLength(4);
  });

  it("is kept in one spelling; a name that is none is left for its fault", () => {
    const typed = {
      displayName: "  Contoso   Ltd ",
      timeZone: "UTC",
      allowedMailDomains: ["B.example", "@a.example"],
      alertAddresses: ["SOC@B.example", "a@a.example", " soc@b.example"],
    };
    expect(normalOrganisation(typed)).toEqual({
      ...{ displayName: "Contoso Ltd", timeZone: "UTC", allowedMailDomains: ["a.example", "b.example"] },
      alertAddresses: ["a@a.example", "soc@b.example"],
    });
    expect(normalOrganisation({ ...typed, displayName: " " }).displayName).toBe(" ");
  });
});
