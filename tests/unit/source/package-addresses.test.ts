import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toolFolders } from "@/scripts/parts/install.mjs";
import { withAddresses } from "@/scripts/parts/package-addresses.mjs";

const registry = "https://packages.example/npm/";
const addressOf = (path: string, each: object) =>
  withAddresses({ packages: { [path]: each } }, registry).packages[path]?.resolved;

describe("the addresses of packages", () => {
  it("are where the registry has them, whatever the name and wherever the package is installed", () => {
    const version = "1.2.3";
    expect(addressOf("node_modules/next", { version })).toBe(
      "https://packages.example/npm/next/-/next-1.2.3.tgz",
    );
    expect(addressOf("node_modules/a/node_modules/@prisma/client", { version })).toBe(
      "https://packages.example/npm/@prisma/client/-/client-1.2.3.tgz",
    );
    // Installed under another name.
    expect(addressOf("node_modules/short", { version, name: "@scope/long" })).toBe(
      "https://packages.example/npm/@scope/long/-/long-1.2.3.tgz",
    );
  });

  it("stay where there is one, and are not made up for what no registry has", () => {
    const resolved = "https://elsewhere.example/a.tgz";
    expect(addressOf("node_modules/a", { version: "1.0.0", resolved })).toBe(resolved);
    expect(addressOf("node_modules/a", { version: "1.0.0", link: true })).toBeUndefined();
    expect(addressOf("node_modules/a", { version: "1.0.0", inBundle: true })).toBeUndefined();
    expect(addressOf("", { version: "1.0.0" })).toBeUndefined();
  });

  it.each([".", ...toolFolders])(
    "are known for every package of the lock file in %s, and nothing else of it changes",
    (folder) => {
      const lock = JSON.parse(readFileSync(`${folder}/package-lock.json`, "utf8"));
      const { packages, ...rest } = withAddresses(lock, registry);
      const { packages: before, ...restBefore } = lock;
      expect(rest).toEqual(restBefore);
      for (const [path, { resolved, ...each }] of Object.entries(packages)) {
        expect(each, path).toEqual(before[path]);
        if (path !== "" && !before[path].inBundle) expect(resolved, path).toMatch(/\/-\/.+-\d.*\.tgz$/);
      }
    },
  );
});
