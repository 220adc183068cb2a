import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/**
 * @typedef {{ readonly instruction: "run" | "cmd" | "healthcheck", readonly command: string[] }
 *   | { readonly instruction: "copy", readonly from: string | null, readonly owner: string | null, readonly paths: string[] }
 *   | { readonly instruction: "env", readonly values: Record<string, string> }
 *   | { readonly instruction: "workdir" | "user" | "stopsignal", readonly value: string }} Step
 * @typedef {{ readonly name: string | null, readonly base: string, readonly steps: Step[] }} Stage
 */

/**
 * @param {string} word
 * @param {string} rest
 * @returns {Step | null}
 */
function stepOf(word, rest) {
  switch (word) {
    case "RUN":
    case "CMD":
      return { instruction: word === "RUN" ? "run" : "cmd", command: JSON.parse(rest) };
    case "HEALTHCHECK":
      return { instruction: "healthcheck", command: JSON.parse(rest.slice(rest.indexOf("CMD ") + 4)) };
    case "COPY": {
      const words = rest.split(/\s+/);
      /** @param {string} name */
      const option = (name) =>
        words.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
      const paths = words.filter((each) => !each.startsWith("--"));
      return { instruction: "copy", from: option("from"), owner: option("chown"), paths };
    }
    case "ENV":
      return {
        instruction: "env",
        values: Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split("="))),
      };
    case "WORKDIR":
      return { instruction: "workdir", value: rest };
    case "USER":
      return { instruction: "user", value: rest };
    case "STOPSIGNAL":
      return { instruction: "stopsignal", value: rest };
    case "EXPOSE":
      return null;
    default:
      throw new Error(`The Containerfile has ${word}, which is not known here`);
  }
}

/**
 * The stages of the Containerfile, each with its steps. It knows the few forms that the file uses: one line each, commands as
 * JSON. Throws at anything else.
 *
 * @returns {Stage[]}
 */
export function stagesOf(text = readFileSync(join(root, "Containerfile"), "utf8")) {
  /** @type {Stage[]} */
  const stages = [];
  /** @type {Record<string, string>} */
  const given = {};
  for (const line of text.split("\n").filter((each) => each.trim() !== "" && !each.startsWith("#"))) {
    const [, word = "", rest = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (word === "ARG") {
      const [name = "", value = ""] = rest.split("=");
      given[name] = value;
    } else if (word === "FROM") {
      const [base = "", , name = null] = rest.split(" ");
      stages.push({
        base: base.replace(/^\$\{(\w+)\}$/, (_, variable) => given[variable] ?? ""),
        name,
        steps: [],
      });
    } else {
      const step = stepOf(word, rest);
      if (step !== null) stages.at(-1)?.steps.push(step);
    }
  }
  return stages;
}

/**
 * What a build is sent of the checkout, by .dockerignore: everything is refused, names at the top are let in, and folders
 * within them are refused again. Throws at anything else.
 */
export function buildContext(text = readFileSync(join(root, ".dockerignore"), "utf8")) {
  const [first, ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  if (first !== "*") throw new Error(".dockerignore does not begin with *");
  const sent = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const refused = lines.filter((line) => !line.startsWith("!"));
  if ([...sent, ...refused].some((path) => /[*?!]/.test(path)) || sent.some((path) => path.includes("/")))
    throw new Error(".dockerignore has a pattern that is not known here");
  return { sent, refused };
}
