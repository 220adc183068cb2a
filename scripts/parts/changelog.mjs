/**
 * A changelog whose unreleased part has become a version. Throws one line if nothing is unreleased, or the version is not
 * newer than those that are there.
 *
 * @param {string} text
 * @param {string} version
 * @param {string} day
 */
export function releasedChangelog(text, version, day) {
  if (!/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/.test(version))
    throw new Error("give a version of three numbers, such as 1.2.0");
  const heading = "## Unreleased\n";
  const at = text.indexOf(heading);
  if (at < 0) throw new Error("CHANGELOG.md has no part called Unreleased");
  const rest = text.slice(at + heading.length);
  const next = /^## /m.exec(rest)?.index ?? rest.length;
  if (!/^- /m.test(rest.slice(0, next))) throw new Error("nothing stands under Unreleased in CHANGELOG.md");
  const newest = /^## (\d+\.\d+\.\d+)/m.exec(rest)?.[1];
  if (newest !== undefined && !isNewer(version, newest))
    throw new Error(`${version} is not newer than ${newest}`);
  const before = text.slice(0, at).replace(" Nothing has been released yet.", "");
  return `${before}${heading}\n## ${version} (${day})\n${rest}`;
}

/**
 * @param {string} version
 * @param {string} other
 */
function isNewer(version, other) {
  return version.localeCompare(other, "en", { numeric: true }) > 0;
}
