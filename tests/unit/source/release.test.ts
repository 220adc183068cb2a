import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { releasedChangelog } from "@/scripts/parts/changelog.mjs";
import {
  isAllowed,
  packagesOfRelease,
  refusedLicences,
  thirdPartyLicences,
} from "@/scripts/parts/licences.mjs";

const root = join(import.meta.dirname, "../../..");

describe("The changelog of a release", () => {
  const text =
    "# Changelog\n\nNewest first.\n\n## Unreleased\n\n- One.\n\n## 1.9.0 (2026-01-01)\n\n- Older.\n";

  it("has what was unreleased under the version, and an empty part for what comes", () => {
    expect(releasedChangelog(text, "1.10.0", "2026-11-29")).toBe(
      text.replace("## Unreleased\n", "## Unreleased\n\n## 1.10.0 (2026-11-29)\n"),
    );
  });

  it("is refused with what is no version", () => {
    for (const version of ["", "1.2", "v2.2.3", "2.2.3-beta", "02.2.3", "2.2.3\n"])
      expect(() => releasedChangelog(text, version, "2026-11-29"), version).toThrow("three numbers");
  });

  it("is refused with nothing in it, or a version that is not newer", () => {
    expect(() => releasedChangelog(text.replace("- One.\n", ""), "2.0.0", "2026-11-29")).toThrow(
      "nothing stands",
    );
    for (const version of ["1.9.0", "1.8.7", "0.10.0"])
      expect(() => releasedChangelog(text, version, "2026-11-29")).toThrow("not newer than 1.9.0");
  });
});

describe("Licences of dependencies", () => {
  it("are all on the list", () => {
    const packages = packagesOfRelease();
    expect(packages.length).toBeGreaterThan(100);
    expect(refusedLicences(packages)).toEqual([]);
  });

  it("are refused when they are not, however they are put together", () => {
    expect(["MIT", "(MIT OR GPL-3.0-only)", "MIT and ISC"].filter((each) => !isAllowed(each))).toEqual([]);
    const refused = [
      "GPL-3.0-only",
      "MIT AND GPL-3.0-only",
      "(GPL-3.0-only OR AGPL-3.0-only)",
      "unknown",
      "MIT AND (ISC OR X)",
    ];
    expect(refused.filter(isAllowed)).toEqual([]);
  });

  it("are handed on with their text, each text once", () => {
    const text = thirdPartyLicences(packagesOfRelease());
    expect(text).toMatch(/^zod@[\d.]+: MIT$/m);
    expect(text.split("Copyright (c) 2025 Colin McDonnell")).toHaveLength(2);
  });
});

// Each starts npm, which is slow on a busy machine.
describe("npm run release", { timeout: 90_000 }, () => {
  let folder: string;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
  const release = (...args: string[]) => releaseWith({}, ...args);
  const releaseWith = (environment: Readonly<Record<string, string>>, ...args: string[]) => {
    const done = spawnSync(process.execPath, ["scripts/release.mjs", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
    return { code: done.status, said: `${done.stdout}${done.stderr}` };
  };
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const files = () => readdirSync(join(folder, "dist")).sort();
  const sums = () => {
    for (const line of read("dist/SHA256SUMS").trim().split("\n")) {
      const [digest, name = ""] = line.split("  ");
      expect(
        createHash("sha256")
          .update(readFileSync(join(folder, "dist", name)))
          .digest("hex"),
      ).toBe(digest);
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "postern-release-"));
    for (const name of ["scripts", "package.json", "package-lock.json", ".npmrc", ".gitignore"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    writeFileSync(join(folder, "CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- Something.\n");
    git("init", "--quiet");
    for (const [name, value] of [
      ["user.name", "Test"],
      ["user.email", "test@example.com"],
      ["commit.gpgsign", "false"],
    ])
      git("config", name ?? "", value ?? "");
    git("add", ".");
    git("commit", "--quiet", "--message", "Begin");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses what it does not know and what is not committed, and changes nothing then", () => {
    expect(release("1.2.3", "--now").said).toContain("--now is not known");
    expect(git("status", "--porcelain")).toBe("");
    writeFileSync(join(folder, "left.txt"), "");
    expect(release("1.2.3").said).toContain("not committed");
    expect(existsSync(join(folder, "dist"))).toBe(false);
  });

  it("makes the files, and commits nothing", () => {
    expect(release("1.2.3")).toMatchObject({ code: 0 });
    const made = ["SHA256SUMS", "THIRD-PARTY-LICENCES.txt", "postern-1.2.3.cdx.json", "postern-1.2.3.tar.gz"];
    expect(files()).toEqual(made);
    sums();
    expect(git("log", "--format=%s")).toBe("Begin");
    expect(git("tag")).toBe("");
    const archived = (path: string) =>
      execFileSync("tar", ["-xzOf", "dist/postern-1.2.3.tar.gz", `postern-1.2.3/${path}`], {
        cwd: folder,
        encoding: "utf8",
      });
    expect(JSON.parse(archived("package.json")).version).toBe("1.2.3");
    expect(JSON.parse(archived("package-lock.json")).packages[""].version).toBe("1.2.3");
    expect(archived("CHANGELOG.md")).toMatch(/## 1\.2\.3 \(\d{4}-\d\d-\d\d\)/);
    const bom = JSON.parse(read("dist/postern-1.2.3.cdx.json"));
    expect(bom).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { name: "postern", version: "1.2.3" } },
    });
    const names = bom.components.map(({ name }: { name: string }) => name);
    expect(names).toContain("next");
    expect(names).not.toContain("vitest");
    expect(bom.components.filter((each: { licenses?: unknown[] }) => !each.licenses?.length)).toEqual([]);
  });

  it("that fails late leaves no commit, no tag, no changed file, and the release of before", () => {
    for (const name of ["bin", "dist"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "dist", "postern-1.2.3.tar.gz"), "");
    const before = files();
    writeFileSync(join(folder, "bin", "npm"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    git("add", ".");
    git("commit", "--quiet", "--message", "Break npm");
    const broken = { PATH: `${join(folder, "bin")}:${process.env.PATH}` };
    expect(releaseWith(broken, "1.2.4", "--tag")).toMatchObject({ code: 1 });
    expect(git("log", "--format=%s")).toBe("Break npm\nBegin");
    expect([git("tag"), git("status", "--porcelain"), files()]).toEqual(["", "", before]);
    // The commit has its tag, and cannot become the branch's.
    const hook = '#!/bin/sh\n[ "$1" != prepared ] || ! grep -q refs/heads/\n';
    mkdirSync(join(folder, ".git", "hooks"), { recursive: true });
    writeFileSync(join(folder, ".git", "hooks", "reference-transaction"), hook, { mode: 0o755 });
    expect(release("1.2.4", "--tag")).toMatchObject({ code: 1 });
    expect(git("log", "--format=%s")).toBe("Break npm\nBegin");
    expect([git("tag"), git("status", "--porcelain"), files()]).toEqual(["", "", before]);
  });

  it("commits and tags what is in the archive, if asked", () => {
    expect(release("1.2.3", "--tag")).toMatchObject({ code: 0 });
    expect(git("log", "--format=%s")).toBe("Release 1.2.3\nBegin");
    expect(git("tag")).toBe("v1.2.3");
    expect(git("status", "--porcelain")).toBe("");
    const first = readFileSync(join(folder, "dist", "postern-1.2.3.tar.gz"));
    const again = execFileSync("git", ["archive", "--prefix=postern-1.2.3/", "--format=tar.gz", "v1.2.3"], {
      cwd: folder,
    });
    expect(again.equals(first)).toBe(true);
    expect(release("1.2.3").said).toContain("nothing stands under Unreleased");
  });
});
