import { describe, expect, it } from "vitest";
import {
  displayNameField,
  externalIdFault,
  externalIdField,
  nameField,
  readPrincipalNames,
} from "@/lib/domain/people/principal";
import { roleDefinitionFaults } from "@/lib/domain/roles/role-definition";
import { readImportFile } from "@/lib/platform/import-files/import-file";
import { optionalText, typedCode } from "@/lib/web/form-fields";

describe("a field of a form", () => {
  it("takes a name as it is kept, and says what is wrong with another", () => {
    expect(displayNameField.parse("  Zoe\u0308 \u00a0 Zett ")).toBe("Zoë Zett");
    const faultOf = (text: unknown) => displayNameField.safeParse(text).error?.issues[0]?.message;
    expect(faultOf("")).toBe("Give a name.");
    expect(faultOf(undefined)).toBe("Give a name.");
    expect(faultOf("\u200b")).toContain("Leave out");
    expect(faultOf("Vera\u202e")).toContain("Leave out");
    expect(displayNameField.parse("x".repeat(256))).toHaveLength(256);
    for (const length of [257, 10_001])
      expect(faultOf("x".repeat(length))).toBe("Write at most 256 characters.");
    expect(nameField(3, "Name it.").safeParse("  ").error?.issues[0]?.message).toBe("Name it.");
  });

  it("takes an external id without spaces and unseen letters, or none", () => {
    expect(externalIdField.parse(" e\u0301 ")).toBe("é");
    for (const none of [undefined, null, "", "  "]) expect(externalIdField.parse(none)).toBeNull();
    for (const wrong of ["a b", "a\u200bb", "a\u202eb", "\u3164", "a\nb"])
      expect(externalIdField.safeParse(wrong).success, wrong).toBe(false);
    expect(externalIdField.parse("x".repeat(400))).toHaveLength(400);
    expect(externalIdField.safeParse("x".repeat(401)).success).toBe(false);
  });

  it("takes no external id that may be somebody else's address", () => {
    const fault = (externalId: string | null, email: string | null = null) =>
      externalIdFault({ externalId, email });
    for (const id of [null, "", "7f3a-b", "vera@"]) expect(fault(id), String(id)).toBeNull();
    expect(fault("Vera@contoso.example", "vera@contoso.example")).toBeNull();
    for (const email of [null, "ada@contoso.example"])
      expect(fault("vera@contoso.example", email)).toContain("Only users have a known address");
  });

  it("takes a reason of several lines and no letters that nobody sees; a code is taken as it was pasted", () => {
    expect(optionalText.parse(" As agreed\r\nwith Olga ")).toBe("As agreed\r\nwith Olga");
    expect(optionalText.parse(undefined)).toBeNull();
    for (const wrong of ["\u200b", "As \u202eagreed", "\u2800"])
      expect(optionalText.safeParse(wrong).success, wrong).toBe(false);
    expect(typedCode.parse("\u200e123 456\u200e")).toBe("\u200e123 456\u200e");
  });

  it("reports every name that is wrong at once", () => {
    const read = readPrincipalNames({
      displayName: "\u202e",
      email: "two@@contoso.example",
      externalId: "a b",
    });
    expect(read.ok ? [] : read.faults.map(({ field }) => field)).toEqual([
      "displayName",
      "email",
      "externalId",
    ]);
    const names = { displayName: "Vera", email: "vera@contoso.example", externalId: null };
    const asked = { ...names, displayName: " Vera ", email: "Vera@contoso.example", externalId: " " };
    expect(readPrincipalNames(asked)).toEqual({ ok: true, names });
    expect(readPrincipalNames({ ...asked, email: null })).toMatchObject({ names: { email: null } });
    const permission = { actions: ["*"], notActions: [], dataActions: [], notDataActions: [] };
    const faults = roleDefinitionFaults({
      roleName: "Own\u200ber",
      description: "Reads\u202e",
      permission,
      assignableScopes: ["/"],
    });
    expect(faults.map(({ field }) => field)).toEqual(["roleName", "description"]);
  });
});

it("a file's own address counts, and no other is taken where it is none", () => {
  const row = { displayName: "Vera", email: "vera@@contoso.example", mail: "thief@evil.example" };
  const read = readImportFile("Users", JSON.stringify([row]));
  expect(read).toMatchObject({ ok: true, rows: [{ fault: "email is not an email address." }] });
});
