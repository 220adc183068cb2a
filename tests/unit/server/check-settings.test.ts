import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkSettings } from "@/lib/server/check-settings";

const keys = `k1:${"ab".repeat(32)}`;
const outer = { DATABASE_URL: "postgresql://postern@db.example/postern", POSTERN_ENCRYPTION_KEYS: keys };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "postern-settings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const check = (source: Record<string, string>) => () =>
  checkSettings({ NODE_ENV: "production", ...source }, folder);

it("takes what a start needs, and asks for no secret that the data folder holds or will hold", () => {
  expect(check({})).not.toThrow();
  expect(check(outer)).not.toThrow();
});

it.each([
  [
    "no keys beside an outer database",
    { ...outer, POSTERN_ENCRYPTION_KEYS: "" },
    "ENCRYPTION_KEYS is not set",
  ],
  [
    "keys that are none",
    { ...outer, POSTERN_ENCRYPTION_KEYS: "k1:short" },
    "POSTERN_ENCRYPTION_KEYS must be",
  ],
  ["a short secret", { ...outer, POSTERN_SESSION_SECRET: "short" }, "POSTERN_SESSION_SECRET"],
  ["an address that is none", { POSTERN_URL: "ftp://postern" }, "POSTERN_URL is ftp://postern: set it"],
  ["a mail server without a sender", { POSTERN_SMTP_URL: "smtp://mail" }, "POSTERN_MAIL_FROM"],
])("refuses %s before anything is changed", (_, source, said) => {
  expect(check(source)).toThrow(said);
});

it("leaves it to the database whether keys that were made here are its own", () => {
  writeFileSync(join(folder, "encryption-keys"), keys);
  expect(check({ ...outer, POSTERN_ENCRYPTION_KEYS: "" })).not.toThrow();
});
