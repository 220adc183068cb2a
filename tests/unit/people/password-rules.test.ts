import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { passwordHint, passwordLengthFault, weakPasswordText } from "@/lib/domain/people/password-rules";
import { weakParts } from "@/lib/identity/passwords/weak-password";

const about = ["Olivia Okafor", "olivia.okafor@contoso.example", "Contoso"];

describe("a chosen password", () => {
  it("may be anything long and not easily guessed, without rules of composition", async () => {
    for (const good of [
      "correct horse battery staple",
      "viele kleine graue wolken",
      "žluťoučký kůň pěl",
      "9f2c71e05ab83d64",
      "x".repeat(3) + randomBytes(24).toString("base64url"),
      "Tr4verse-Lantern-Ox",
      `${"long phrase ".repeat(20)}`,
    ])
      expect(await weakParts(good, about), good).toBeNull();
    for (let tries = 0; tries < 50; tries += 1)
      expect(await weakParts(randomBytes(12).toString("base64url"), about)).toBeNull();
  });

  it("is refused when shorter than the rules say, whatever it is made of", () => {
    expect(passwordLengthFault("aB3$xY7!q", 12)).toContain("12 characters");
    expect(passwordLengthFault("🔑".repeat(15), 16)).toContain("16 characters");
    expect(passwordLengthFault("🔑".repeat(16), 16)).toBeNull();
    expect(passwordLengthFault("y".repeat(1000), 12)).toBeNull();
    expect(passwordLengthFault("y".repeat(1001), 12)).toContain("1000");
    expect(passwordHint(12)).toContain("At least 12 characters");
  });

  it("is refused with its first three weak parts, by their positions", () => {
    const part = (from: number, to: number) => ({ from, to, kind: "word" }) as const;
    expect(weakPasswordText([])).toMatch(/easy to guess\. Choose/);
    expect(weakPasswordText([part(1, 4), part(6, 6), part(7, 9), part(10, 12)])).toContain(
      ": characters 1 to 4 (a common word), character 6 (a common word), characters 7 to 9 (a common word). ",
    );
  });

  it("is refused when anybody would guess it", async () => {
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
      "Str0ng-Passw0rd!",
    ])
      expect(await weakParts(bad, about), bad).not.toBeNull();
  });

  it("has its weak parts named by what they are and where, and never by their letters", async () => {
    const kinds = async (password: string) => (await weakParts(password, about))?.map(({ kind }) => kind);
    expect(await kinds("password12345")).toContain("leaked");
    expect(await kinds("OliviaOkafor1!")).toContain("own");
    expect(await kinds("contosocontoso")).toEqual(["own", "own"]);
    const text = weakPasswordText((await weakParts("OliviaOkafor1!", about)) ?? []);
    expect(text).toContain("characters 1 to 6 (part of your name");
    expect(text.toLowerCase()).not.toContain("olivia");
  });

  it("is judged quickly, however it is made", async () => {
    await weakParts("the dictionaries are read once", []);
    for (const long of ["P@$$w0rd!".repeat(110), "@4$3!10".repeat(140), "a1".repeat(500), "ab".repeat(500)]) {
      const began = process.cpuUsage();
      await weakParts(long, about);
      const { user } = process.cpuUsage(began);
      expect(user / 1_000, long.slice(0, 12)).toBeLessThan(2_000);
    }
  });
});
