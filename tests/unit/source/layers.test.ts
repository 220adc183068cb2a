import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** What each layer may import of this project (docs/architecture.md), by the beginning of the path. */
const allowed: readonly (readonly [layer: string, imports: readonly string[]])[] = [
  ["app/", ["app/", "components/", "lib/"]],
  ["components/", ["components/", "lib/web/", "lib/domain/"]],
  ["lib/web/actions/", ["lib/web/", "lib/identity/", "lib/domain/", "lib/platform/"]],
  ["lib/web/request.ts", ["lib/web/", "lib/identity/", "lib/platform/"]],
  ["lib/web/reader-zone.ts", ["lib/web/", "lib/domain/", "lib/platform/log-context"]],
  ["lib/web/", ["lib/web/", "lib/domain/"]],
  [
    "lib/arm/",
    ["lib/arm/", "lib/domain/", "lib/operations/", "lib/queries/", "lib/identity/", "lib/platform/"],
  ],
  [
    "lib/scim/",
    ["lib/scim/", "lib/domain/", "lib/operations/", "lib/queries/", "lib/identity/", "lib/platform/"],
  ],
  ["lib/operations/", ["lib/operations/", "lib/authority/", "lib/domain/", "lib/platform/"]],
  ["lib/queries/", ["lib/queries/", "lib/authority/", "lib/domain/", "lib/platform/"]],
  ["lib/identity/", ["lib/identity/", "lib/authority/", "lib/domain/", "lib/platform/"]],
  ["lib/authority/", ["lib/authority/", "lib/domain/", "lib/platform/"]],
  [
    "lib/server/",
    ["lib/server/", "lib/operations/", "lib/queries/", "lib/platform/", "lib/domain/", "scripts/parts/"],
  ],
  ["lib/platform/", ["lib/platform/", "lib/domain/"]],
  ["lib/domain/", ["lib/domain/"]],
];
/** Layers whose types a layer may import in addition: a component shows the result of a query. */
const allowedTypes: Readonly<Record<string, readonly string[]>> = {
  "components/": ["lib/queries/"],
  "lib/web/": ["lib/queries/"],
};
/** The rooms of a storey. Each may import those before it (docs/architecture.md). */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "lib/operations": [
    "gate",
    "audit",
    "preferences",
    "figures",
    "requests",
    "activation",
    "roles",
    "assignments",
    "resources",
    "people",
    "directories",
    "imports",
    "access-reviews",
    "alerts",
    "notifications",
  ],
  "lib/identity": [
    "descriptions",
    "sessions",
    "attempts",
    "passwords",
    "factors",
    "step-up",
    "providers",
    "directories",
    "sign-in",
  ],
  "lib/server": ["database", "backup", "metrics", "tracing", "worker", "http", "doctor", "rotate"],
  "lib/domain": [
    "text",
    "time",
    "people",
    "roles",
    "resources",
    "search",
    "directories",
    "access-reviews",
    "gate",
    "notifications",
    "requests",
    "activation",
    "assignments",
    "alerts",
    "imports",
    "audit",
    "preferences",
    "figures",
  ],
  "lib/queries": [
    "resources",
    "people",
    "directories",
    "roles",
    "assignments",
    "activation",
    "requests",
    "access-reviews",
    "alerts",
    "notifications",
    "imports",
    "audit",
    "preferences",
    "figures",
  ],
  components: [
    "ui",
    "shell",
    "activation",
    "requests",
    "assignments",
    "people",
    "directories",
    "roles",
    "resources",
    "access-reviews",
    "alerts",
    "notifications",
    "imports",
    "audit",
    "preferences",
    "figures",
  ],
};
/** The pure libraries that rules may use. */
const allowedInDomain = new Set(["bowser", "zod", "otplib", "csv-stringify/sync"]);

const files = ["app", "components", "lib"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => /\.tsx?$/.test(path) && !path.includes("generated/"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

/** The imports of a file; with `values`, without those that import only types. */
function importsOf(text: string, values = false): string[] {
  const patterns = [
    values
      ? /^\s*(?:import|export)\s(?!type\s)[^;"']*?from\s*["']([^"']+)["']/gm
      : /^\s*(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""));
}

/** The path in this project that an import names; null for a package. */
function projectPath(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  return specifier.startsWith(".") ? relative(root, join(root, dirname(from), specifier)) : null;
}

describe("Host header used for requests or links (CVE-2024-34351)", () => {
  it("nothing that is shown, mailed or led to is made of what a request says of its host", () => {
    // The front door replaces the headers of a request that claim who sends it.
    const readers = files.filter(
      ({ path, text }) =>
        !path.startsWith("lib/server/http/") &&
        /["'`](?:x-forwarded-|forwarded|host["'`])|nextUrl/i.test(text),
    );
    // It compares the origin of a file with the host that the front door has accepted.
    expect(readers.map(({ path }) => path)).toEqual(["app/(portal)/import/upload/route.ts"]);
  });
});

/**
 * Files of lib/web that run on the server alone: pages and actions may import them, components and the rest of
 * lib/web may not.
 */
const onServer = ["lib/web/actions/", "lib/web/request"];
/** Only server components and actions import it: it reads the caller, and a bundle for browsers would fail. */
const ofServerComponents = "lib/web/reader-zone.ts";

describe("the layers", () => {
  it("are all looked at", () => {
    expect(files.length).toBeGreaterThan(80);
    for (const { path } of files.filter((file) => file.path.startsWith("lib/")))
      expect(
        allowed.some(([layer]) => path.startsWith(layer)),
        path,
      ).toBe(true);
  });

  it("import one way", () => {
    const faults = files.flatMap(({ path, text }) => {
      const rule = allowed.find(([layer]) => path.startsWith(layer));
      if (!rule) return [];
      const values = importsOf(text, true);
      return importsOf(text).flatMap((specifier) => {
        const target = projectPath(path, specifier);
        if (target === null || target.endsWith(".css")) return [];
        const types = values.includes(specifier) ? [] : (allowedTypes[rule[0]] ?? []);
        const prefixes = [...rule[1], ...types];
        return prefixes.some((prefix) => target.startsWith(prefix)) ? [] : [`${path} imports ${target}`];
      });
    });
    expect(faults).toEqual([]);
  });

  it("leave the server, which starts everything else, to scripts and tests", () => {
    const faults = files.filter(
      ({ path, text }) =>
        !path.startsWith("lib/server/") &&
        importsOf(text).some((specifier) => projectPath(path, specifier)?.startsWith("lib/server/")),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  it("keep what runs on the server out of what runs in a browser as well", () => {
    const faults = files.flatMap(({ path, text }) => {
      const inBrowser = path.startsWith("components/") || path.startsWith("lib/web/");
      if (
        !inBrowser ||
        path === ofServerComponents ||
        onServer.some((beginning) => path.startsWith(beginning))
      )
        return [];
      return importsOf(text).flatMap((specifier) => {
        const target = projectPath(path, specifier);
        return onServer.some((beginning) => target?.startsWith(beginning))
          ? [`${path} imports ${target}`]
          : [];
      });
    });
    expect(faults).toEqual([]);
  });

  it("have rooms with the same names, which import one way", () => {
    const faults = Object.entries(rooms).flatMap(([storey, order]) =>
      files.flatMap(({ path, text }) => {
        if (!path.startsWith(`${storey}/`)) return [];
        const roomOf = (file: string) =>
          file
            .slice(storey.length + 1)
            .split("/")
            .slice(0, -1)[0];
        const from = roomOf(path);
        // Outside its rooms a storey has only files that all of it needs, and the rules not even that.
        if (from === undefined) return storey === "lib/domain" ? [`${path} stands in no room`] : [];
        if (!order.includes(from)) return [`${path} stands in no room`];
        return importsOf(text).flatMap((specifier) => {
          const target = projectPath(path, specifier);
          const to = target?.startsWith(`${storey}/`) ? roomOf(target) : undefined;
          return to === undefined || order.indexOf(to) <= order.indexOf(from)
            ? []
            : [`${path} imports ${target}`];
        });
      }),
    );
    expect(faults).toEqual([]);
  });

  it("have no two files that import each other, however far around", () => {
    const importsAt = new Map(
      files.map(({ path, text }) => {
        const names = importsOf(text).flatMap((specifier) => projectPath(path, specifier) ?? []);
        return [path.replace(/\.tsx?$/, ""), names];
      }),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (name: string, way: readonly string[]) => {
      const before = way.indexOf(name);
      if (before >= 0) circles.push([...way.slice(before), name].join(" → "));
      if (before >= 0 || done.has(name)) return;
      for (const next of importsAt.get(name) ?? []) follow(next, [...way, name]);
      done.add(name);
    };
    for (const name of importsAt.keys()) follow(name, []);
    expect(circles).toEqual([]);
  });

  it("have tests in rooms as well", () => {
    const folders = ["tests/unit", "tests/integration"];
    const loose = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => `${folder}/${name}`),
    );
    expect(loose).toEqual([]);
  });

  it("keep Next.js out of lib, but for what runs on the server within lib/web", () => {
    const faults = files.filter(
      ({ path, text }) =>
        path.startsWith("lib/") &&
        path !== "lib/server/http/serve.ts" &&
        // next-auth handles the redirects to identity providers, and seals the session's cookie.
        path !== "lib/identity/providers/provider-client.ts" &&
        path !== "lib/identity/providers/provider-cookies.ts" &&
        path !== "lib/identity/sessions/session-cookie.ts" &&
        !onServer.some((beginning) => path.startsWith(beginning)) &&
        importsOf(text).some((specifier) => /^next(-auth)?(\/|$)/.test(specifier)),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  it("keep the rules pure: no clock, no chance, no environment, no library but the pure ones", () => {
    const faults = files
      .filter(({ path }) => path.startsWith("lib/domain/"))
      .flatMap(({ path, text }) => [
        ...(/Date\.now\(|new Date\(\)|Math\.random|process\.|globalThis/.test(text) ? [path] : []),
        ...importsOf(text)
          .filter((specifier) => projectPath(path, specifier) === null && !allowedInDomain.has(specifier))
          .map((specifier) => `${path} imports ${specifier}`),
      ]);
    expect(faults).toEqual([]);
  });

  it("read the environment in the configuration, and in the programs that hand it on", () => {
    const programs = [
      "lib/platform/configuration.ts",
      "lib/server/postern.ts",
      "lib/server/backup/backup.ts",
      "lib/server/backup/restore.ts",
      "lib/server/database/postgres-programs.ts",
      "lib/server/database/report-keys.ts",
      "lib/server/doctor/doctor.ts",
      "lib/server/rotate/rotate.ts",
      "lib/server/http/server.ts",
      "lib/server/worker/prepare-queues.ts",
      "lib/server/worker/worker.ts",
    ];
    const faults = files.filter(
      ({ path, text }) => !programs.includes(path) && /process\.env(?!\.NODE_ENV\b)/.test(text),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  it("have files of at most 250 lines", () => {
    const sources = ["app", "components", "lib", "prisma/seed", "scripts"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => /\.(tsx?|mjs)$/.test(path) && !path.includes("generated/"))
        .map((path) => `${folder}/${path}`),
    );
    expect(sources.length).toBeGreaterThan(1000);
    const long = sources.flatMap((path) => {
      const lines = readFileSync(join(root, path), "utf8").split("\n").length - 1;
      return lines > 250 ? [`${path} has ${lines} lines`] : [];
    });
    expect(long).toEqual([]);
  });

  it("have rooms of at most 40 files", () => {
    const sizes = new Map<string, number>();
    for (const { path } of files) sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > 40)).toEqual([]);
  });

  it("have no barrel files, and no files without a subject", () => {
    const faults = files.filter(({ path }) => /(^|\/)(index|utils|helpers|common|misc)\.tsx?$/.test(path));
    expect(faults.map(({ path }) => path)).toEqual([]);
  });
});

describe("server actions", () => {
  const actions = files.filter(({ text }) => /^\s*["']use server["']/m.test(text));

  it("live in files named actions.ts, beside a page", () => {
    expect(actions.length).toBeGreaterThan(3);
    expect(actions.map(({ path }) => path).filter((path) => !/^app\/.*\/actions\.ts$/.test(path))).toEqual(
      [],
    );
  });

  it("read forms with fieldsOf and allOf, which take whatever is sent", () => {
    const faults = actions.filter(({ text }) =>
      /\bform\.(get|getAll|has|entries)\(|fromEntries\(form\)/.test(text),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });
});
