// Makes a release in dist/: npm run release -- VERSION [--tag] (docs/releasing.md)
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { releasedChangelog } from "./parts/changelog.mjs";
import { errorText } from "./parts/fault.mjs";
import { knownLicences, packagesOfRelease, refusedLicences, thirdPartyLicences } from "./parts/licences.mjs";
import { root } from "./parts/root.mjs";

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} [environment]
 */
function output(program, args, environment = {}) {
  return execFileSync(program, [...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  }).trim();
}

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), "utf8");

/**
 * Sets the version in the first lines of package.json or package-lock.json, and touches nothing else of them.
 *
 * @param {string} path
 * @param {string} former
 * @param {string} version
 * @param {number} times How often it stands there.
 */
function setVersion(path, former, version, times) {
  let text = read(path);
  let from = 0;
  for (let time = 0; time < times; time += 1) {
    const line = `"version": "${former}"`;
    const at = text.indexOf(line, from);
    if (at < 0) throw new Error(`${path} does not name version ${former}`);
    text = `${text.slice(0, at)}"version": "${version}"${text.slice(at + line.length)}`;
    from = at + line.length;
  }
  writeFileSync(join(root, path), text);
}

/**
 * @param {string} version
 * @param {boolean} tag Whether to commit and tag what is released.
 */
function release(version, tag) {
  if (output("git", ["status", "--porcelain"]) !== "")
    throw new Error("there are changes that are not committed");
  const committedAt = output("git", ["log", "-1", "--format=%cI"]);
  const changelog = releasedChangelog(read("CHANGELOG.md"), version, committedAt.slice(0, 10));
  if (output("git", ["tag", "--list", `v${version}`]) !== "") throw new Error(`there is a tag v${version}`);
  const packages = packagesOfRelease();
  const refused = refusedLicences(packages);
  if (refused.length > 0) throw new Error(`licences that are not on the list: ${refused.join("; ")}`);

  const { version: former } = JSON.parse(read("package.json"));
  writeFileSync(join(root, "CHANGELOG.md"), changelog);
  setVersion("package.json", former, version, 1);
  setVersion("package-lock.json", former, version, 2);
  // The archive contains what is committed, or what would be. Both have the time of the last commit.
  const dated = { GIT_COMMITTER_DATE: committedAt, GIT_AUTHOR_DATE: committedAt };
  if (tag) {
    output("git", ["commit", "--all", "--message", `Release ${version}`], dated);
    output("git", ["tag", "--annotate", `v${version}`, "--message", `Postern ${version}`], dated);
  }
  const source = tag ? `v${version}` : output("git", ["stash", "create"], dated);
  const folder = join(root, "dist");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const archive = join(folder, `postern-${version}.tar.gz`);
  output("git", ["archive", `--prefix=postern-${version}/`, `--output=${archive}`, source]);
  const sbom = JSON.parse(
    output("npm", [
      ...["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--omit=dev", "--package-lock-only"],
    ]),
  );
  // npm names it after its folder.
  sbom.metadata.component.name = "postern";
  for (const component of sbom.components) {
    const id = knownLicences.get(component["bom-ref"]);
    if (id !== undefined) component.licenses = [{ license: { id } }];
  }
  writeFileSync(join(folder, `postern-${version}.cdx.json`), `${JSON.stringify(sbom, null, 2)}\n`);
  writeFileSync(join(folder, "THIRD-PARTY-LICENCES.txt"), thirdPartyLicences(packages));
  const sums = readdirSync(folder).map((name) => {
    const digest = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    return `${digest}  ${name}\n`;
  });
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
  console.log(`dist/ has Postern ${version}: ${readdirSync(folder).join(", ")}.`);
  if (!tag) console.log("Nothing is committed or tagged: look at git diff, or begin again with --tag.");
}

try {
  const args = process.argv.slice(2);
  const unknown = args.slice(1).filter((each) => each !== "--tag");
  if (unknown.length > 0) throw new Error(`${unknown[0]} is not known`);
  release(args[0] ?? "", args.includes("--tag"));
} catch (error) {
  console.error(`Not released: ${errorText(error).trim()}.`);
  process.exitCode = 1;
}
