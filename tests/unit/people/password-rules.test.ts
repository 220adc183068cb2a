import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { passwordFault } from "@/lib/domain/people/password-rules";

const context = ["Olivia Okafor", "olivia.okafor@contoso.example"];

describe("a chosen password", () => {
  it("may be anything long and not easily guessed, without rules of composition", () => {
    for (const good of [
      "correct horse battery staple",
      "viele kleine graue wolken",
      "žluťoučký kůň pěl",
      "9f2c71e05ab83d64",
      "x".repeat(3) + randomBytes(24).toString("base64url"),
      "Tr4verse-Lantern-Ox",
      `${"long phrase ".repeat(20)}`,
    ])
      expect(passwordFault(good, context), good).toBeNull();
    for (let tries = 0; tries < 200; tries += 1)
      expect(passwordFault(randomBytes(12).toString("base64url"), context)).toBeNull();
  });

  it("is refused when short, whatever it is made of", () => {
    expect(passwordFault("aB3$xY7!q", context)).toContain("12 characters");
    expect(passwordFault("🔑".repeat(11), context)).toContain("12 characters");
    expect(passwordFault("y".repeat(1001), context)).toContain("1000");
  });

  it("is refused when anybody would guess it", () => {
    for (const bad of [
      "password1234",
      "P@ssw0rd12345",
      "Password2026!!",
      "Summer2026!!!!",
      "qwertyuiop123",
      "123456789012",
      "aaaaaaaaaaaaaa",
      "abcdefghijklmn",
      "letmeinletmein",
      "postern-admin-1",
      "OliviaOkafor1!",
      "contoso-owner-12",
      "Welcome2Contoso",
    ])
      expect(passwordFault(bad, context), bad).toContain("easily guessed");
  });
});
