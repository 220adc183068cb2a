import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeSecretFiles } from "@/scripts/parts/secret-files.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "postern-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileOf(content: string): string {
  const path = join(folder, "secret");
  writeFileSync(path, content);
  return path;
}

it.each([
  ...["DATABASE_URL", "POSTERN_SESSION_SECRET", "POSTERN_OTHER_SESSION_SECRET"],
  ...["POSTERN_ENCRYPTION_KEYS", "POSTERN_SMTP_URL"],
])("%s may stand in a file, without the line's end", (name) => {
  const environment = { [`${name}_FILE`]: fileOf("s3cret \r\n"), PORT: "1" };
  takeSecretFiles(environment);
  // A program that is started with this environment sees the setting in one form only.
  expect(environment).toEqual({ [name]: "s3cret", PORT: "1" });
});

it("an empty variable names no file, and an empty setting is none", () => {
  const environment: Record<string, string> = {
    DATABASE_URL: "",
    DATABASE_URL_FILE: fileOf("postgresql://x"),
  };
  takeSecretFiles(environment);
  expect(environment).toEqual({ DATABASE_URL: "postgresql://x" });
  const without = { DATABASE_URL: "postgresql://y", DATABASE_URL_FILE: "" };
  takeSecretFiles(without);
  expect(without.DATABASE_URL).toBe("postgresql://y");
});

it("refuses a setting that is given both ways, and a file that cannot be used, without its content", () => {
  const taking = (content: string | null, more = {}) => {
    const path = content === null ? join(folder, "none") : fileOf(content);
    return () => takeSecretFiles({ POSTERN_SESSION_SECRET_FILE: path, ...more });
  };
  expect(taking("one", { POSTERN_SESSION_SECRET: "two" })).toThrow(
    "POSTERN_SESSION_SECRET and POSTERN_SESSION_SECRET_FILE are both set: set one of them.",
  );
  expect(taking(null)).toThrow(
    /^POSTERN_SESSION_SECRET_FILE names .*none, which cannot be read \(ENOENT\)\.$/,
  );
  expect(taking(" \n")).toThrow(/which is empty\.$/);
  expect(taking("k1:0123\nk2:4567\n")).toThrow(
    /^POSTERN_SESSION_SECRET_FILE names \S+, which has more than one line\.$/,
  );
});
