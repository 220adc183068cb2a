import { describe, expect, it } from "vitest";
import { addressOrText, mailAddressOf, readMailAddress } from "@/lib/domain/people/mail-address";
import { mailAddressField } from "@/lib/domain/people/mail-address-field";
import { mailDomain } from "@/lib/domain/people/mail-domain";
import { notificationFaults } from "@/lib/domain/roles/notification-faults";
import { defaultNotificationSettings, withNotificationRule } from "@/lib/domain/roles/notification-settings";
import { notificationsWeakened } from "@/lib/domain/roles/notification-weakened";
import { notificationsShape } from "@/lib/domain/roles/role-settings-shape";

describe("mail elsewhere through normalisation of an address", () => {
  it.each([
    ['"vera@contoso.example"@evil.example', "quotes"],
    ['"vera"@contoso.example', "quotes around a name"],
    ["vera@contoso.example@evil.example", "two at signs"],
    ["vera@evil.example,vera@contoso.example", "two addresses"],
    ["vera(comment)@contoso.example", "a comment"],
    ["vera@contoso.example(evil.example)", "a comment after it"],
    ["Vera <vera@contoso.example>", "a name before it"],
    ["vera%contoso.example@evil.example", "a relay by %"],
    ["contoso.example!vera@evil.example", "a relay by !"],
    ["vera＠contoso.example", "a full-width at sign"],
    ["vera@ｃontoso.example", "a full-width letter in the domain"],
    ["vera@contoso。example", "a full-width dot"],
    ["\u212aim@contoso.example", "the sign of kelvin, which is k in lower case"],
    ["vİctor@contoso.example", "a dotted capital I"],
    ["vıctor@contoso.example", "a dotless i"],
    ["straße@contoso.example", "a letter that is two in upper case"],
    ["vеra@contoso.example", "a Cyrillic letter before the at sign"],
    ["vera@contoso\u200b.example", "a zero width in the domain"],
    ["vera@con\u00adtoso.example", "a soft hyphen in the domain"],
    ["vera\u202e@contoso.example", "a direction"],
    ["vera@contoso.example.", "a dot at the end"],
    ["vera.@contoso.example", "a dot at the end of the name"],
    [".vera@contoso.example", "a dot before the name"],
    ["ve..ra@contoso.example", "two dots"],
    ["vera@contoso..example", "two dots in the domain"],
    ["vera@-contoso.example", "a hyphen before the domain"],
    ["vera@localhost", "no dot in the domain"],
    ["vera@[192.0.2.1]", "an address of the network"],
    ["vera@192.0.2.1", "an address of the network without brackets"],
    ["vera@192.0.2.10", "one that ends in several digits"],
    ["vera@contoso.example/evil", "a path"],
    ["vera@contoso.example:25", "a port"],
    ["vera@contoso.example\nBcc: thief@evil.example", "a line break"],
    ["vera @contoso.example", "a space"],
    [`${"v".repeat(65)}@contoso.example`, "a name too long"],
    [`vera@${"c".repeat(250)}.example`, "a domain too long"],
    ["evil.example!vera@contoso.example", "a path along another server"],
    ["a!evil.example!vera@contoso.example", "a path along two"],
    ["vera@\u0130stanbul.example", "a dotted capital I in the domain"],
    ["vera@con\u034ftoso.example", "a joiner in the domain that DNS leaves out"],
    ["vera@\u0301a.example", "an accent alone in the domain"],
    ["vera@bu\u0308chér.example", "two compositions in one domain"],
    ["vera@xn--a.example", "a domain in the spelling of DNS that stands for none"],
    ["", "nothing"],
  ])("%s is no address (%s)", (text) => {
    expect(readMailAddress(text)).toMatchObject({ ok: false });
    if (text === "") return;
    const rule = { defaultRecipients: true, additionalAddresses: [text], criticalOnly: false };
    const settings = withNotificationRule(defaultNotificationSettings, "Admin_Assignment", "Admin", rule);
    expect(notificationFaults(settings).join()).toContain("is not an email address");
  });

  it.each([
    ["  Vera.Victim+x@Contoso.Example ", "vera.victim+x@contoso.example"],
    ["o'neill_1@a-b.contoso.example", "o'neill_1@a-b.contoso.example"],
    ["vera@straße.example", "vera@xn--strae-oqa.example"],
    ["vera@соntoso.example", "vera@xn--ntoso-iyeu.example"],
    ["vera@BÜCHER.example", "vera@xn--bcher-kva.example"],
    ["vera@contoso.xn--p1ai", "vera@contoso.xn--p1ai"],
    ["Ivan@XN--E1AFMKFD.xn--P1AI", "ivan@xn--e1afmkfd.xn--p1ai"],
    ["svc#app@contoso.example", "svc#app@contoso.example"],
    ["a'b.c-d_e!f#g^h~i@contoso.example", "a'b.c-d_e!f#g^h~i@contoso.example"],
    ["vera@bu\u0308cher.example", "vera@xn--bcher-kva.example"],
    ["v@a.b", "v@a.b"],
    ["svc!app.name@contoso.example", "svc!app.name@contoso.example"],
    ["vera@mail.4.example", "vera@mail.4.example"],
  ])("%s is kept, compared and mailed to as %s", (text, address) => {
    expect(readMailAddress(text)).toEqual({ ok: true, address });
    expect(readMailAddress(address)).toEqual({ ok: true, address });
    expect(mailAddressOf(text)).toBe(address);
    expect(address).toMatch(/^[\x21-\x7e]+$/);
  });

  it("may be as long as mail allows, also in the spelling of DNS", () => {
    const fault = (text: string) => {
      const read = readMailAddress(text);
      return read.ok ? null : read.message;
    };
    const domain = (length: number) => `${"c".repeat(60)}.`.repeat(3) + "d".repeat(length - 183);
    expect(fault(`${"v".repeat(64)}@${domain(189)}`)).toBeNull();
    expect(fault(`${"v".repeat(64)}@${domain(190)}`)).toBe("Write at most 254 characters.");
    expect(fault(`${"v".repeat(65)}@contoso.example`)).toBe("Write at most 64 characters before the @.");
    expect(fault(`v@${"ü.".repeat(30)}abcd.examples`)).toBeNull();
    expect(fault(`v@${"ü.".repeat(30)}abcde.examples`)).toContain("such as");
  });

  it("says what to write instead", () => {
    const said = (text: string) => {
      const read = readMailAddress(text);
      return read.ok ? "" : read.message;
    };
    expect(said("véra@contoso.example")).toContain("letters from a to z");
    for (const text of ["ve ra@contoso.example", "vera", "@contoso.example", "vera@", "vera@localhost"])
      expect(said(text), text).toContain("such as ada@contoso.example");
    expect(said("evil.example!vera@contoso.example")).toContain("Leave out the !");
  });

  it("weakens settings where it is outside the allowed domains, whatever it looks like", () => {
    const to = (additionalAddresses: string[]) =>
      notificationsShape.parse(
        withNotificationRule(defaultNotificationSettings, "Admin_Assignment", "Admin", {
          defaultRecipients: true,
          additionalAddresses,
          criticalOnly: false,
        }),
      );
    const weakened = (address: string) =>
      notificationsWeakened(defaultNotificationSettings, to([address]), ["contoso.example"]);
    expect(weakened("Vera@Contoso.example")).toBe(false);
    expect(weakened("vera@соntoso.example")).toBe(true);
    expect(to(["Vera@BÜCHER.example"]).Admin_Assignment.Admin.additionalAddresses).toEqual([
      "vera@xn--bcher-kva.example",
    ]);
  });
});

describe("a typed address", () => {
  it("is taken in a form as it is stored, or refused with what is wrong", () => {
    expect(mailAddressField.parse(" Vera@Contoso.example")).toBe("vera@contoso.example");
    const { error } = mailAddressField.safeParse("vera");
    expect(error?.issues.map(({ message }) => message)).toEqual([
      "Enter an email address, such as ada@contoso.example.",
    ]);
  });

  it("names a principal by its stored spelling, and any other text by itself", () => {
    expect(addressOrText(" Vera@Contoso.example")).toBe("vera@contoso.example");
    expect(addressOrText(" Vera ")).toBe(" Vera ");
  });

  it("is compared in lower case where it is an older one that cannot be read", () => {
    expect(mailAddressOf(" Vera@Localhost ")).toBe("vera@localhost");
  });

  it("has a domain in one spelling, and text that is none is left", () => {
    expect(mailDomain(" Contoso.Example ")).toBe("contoso.example");
    expect(mailDomain("bücher.example")).toBe("xn--bcher-kva.example");
    for (const none of ["contoso.example/evil", "contoso.example:25", "a@contoso.example", "a b"])
      expect(mailDomain(none), none).toBe(none);
  });
});
