// Makes a release in dist/: npm run release -- VERSION [--tag] (docs/releasing.md)
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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

/** What a release changes. */
const changed = ["CHANGELOG.md", "package.json", "package-lock.json"];

/**
 * Everything is made before the branch and the tag are touched, so that a release that fails leaves neither.
 *
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

  const before = changed.map((path) => ({ path, text: read(path) }));
  const made = mkdtempSync(join(tmpdir(), "postern-release-"));
  const head = output("git", ["rev-parse", "HEAD"]);
  let tagged = false;
  let moved = false;
  try {
    const { version: former } = JSON.parse(read("package.json"));
    writeFileSync(join(root, "CHANGELOG.md"), changelog);
    setVersion("package.json", former, version, 1);
    setVersion("package-lock.json", former, version, 2);
    // With the time of the last commit, so that the same is made of the same.
    const dated = { GIT_COMMITTER_DATE: committedAt, GIT_AUTHOR_DATE: committedAt };
    const commit = commitOf(version, dated);
    makeFiles(version, commit, packages, made);
    if (tag) {
      output("git", ["tag", "--annotate", `v${version}`, "--message", `Postern ${version}`, commit], dated);
      tagged = true;
      output("git", ["update-ref", "-m", `release: ${version}`, "HEAD", commit, head]);
      moved = true;
      output("git", ["reset", "--quiet"]);
    }
    rmSync(join(root, "dist"), { recursive: true, force: true });
    cpSync(made, join(root, "dist"), { recursive: true });
  } catch (error) {
    if (moved) output("git", ["reset", "--quiet", head]);
    if (tagged) output("git", ["tag", "--delete", `v${version}`]);
    for (const { path, text } of before) writeFileSync(join(root, path), text);
    throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  console.log(`dist/ has Postern ${version}: ${readdirSync(join(root, "dist")).join(", ")}.`);
  if (!tag) console.log("Nothing is committed or tagged: look at git diff, or begin again with --tag.");
}

/**
 * A commit of the tree as it is, which no branch has yet. It is signed if commits are here.
 *
 * @param {string} version
 * @param {Record<string, string>} dated
 */
function commitOf(version, dated) {
  const tree = output("git", ["rev-parse", `${output("git", ["stash", "create"], dated)}^{tree}`]);
  const signed = output("git", ["config", "--default", "false", "--type=bool", "--get", "commit.gpgsign"]);
  return output(
    "git",
    [
      ...["commit-tree", tree, "-p", "HEAD", "-m", `Release ${version}`],
      ...(signed === "true" ? ["--gpg-sign"] : []),
    ],
    dated,
  );
}

/**
 * @param {string} version
 * @param {string} commit
 * @param {ReturnType<typeof packagesOfRelease>} packages
 * @param {string} folder
 */
function makeFiles(version, commit, packages, folder) {
  const archive = join(folder, `postern-${version}.tar.gz`);
  output("git", ["archive", `--prefix=postern-${version}/`, `--output=${archive}`, commit]);
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
