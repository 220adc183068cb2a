import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdFolder, readHeld } from "@/lib/platform/import-files/import-folder";
import { isPublicAddress, publicLookup, readImportSource } from "@/lib/platform/import-files/import-reader";
import {
  type ImportSources,
  readImportSources,
  sourceLimits,
  withoutAuthorization,
} from "@/lib/platform/import-files/import-sources";
import { certificateFor } from "../../support/peers/certificate";

let base: string;
let server: Server;
let sources: ImportSources;
let host: string;
let answer: RequestListener;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "postern-import-"));
  const { certificate, key, authority } = await certificateFor("localhost");
  server = createServer({ cert: certificate, key }, (request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `localhost:${(server.address() as AddressInfo).port}`;
  const allowed = { host, authorization: "Bearer secret", privateAddresses: true, certificates: authority };
  sources = readImportSources({
    POSTERN_IMPORT_FOLDER: join(base, "imports"),
    POSTERN_IMPORT_HOSTS: JSON.stringify([allowed, { host: "127.0.0.1" }, { host: "[::1]" }]),
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(base, { recursive: true, force: true });
});

/** The result of a read: the names and texts of the files, or the message. */
async function read(source: "Folder" | "Address", location: string, from = sources) {
  const found = await readImportSource(from, { source, location });
  return found.ok ? found.files.map(({ name, bytes }) => `${name}: ${Buffer.from(bytes)}`) : found.message;
}

describe("a folder", () => {
  const folder = (path: string, from = sources) => read("Folder", path, from);
  it("is read file by file, only the lists in it", async () => {
    const here = join(base, "imports", "azure");
    await mkdir(join(here, "below.json"), { recursive: true });
    await rm(join(here, "below.json"), { recursive: true });
    await Promise.all([
      writeFile(join(here, "users.json"), "[]"),
      writeFile(join(here, "Groups.CSV"), "id"),
      writeFile(join(here, "notes.txt"), "nothing"),
    ]);
    expect(await folder("azure")).toEqual(["Groups.CSV: id", "users.json: []"]);
    expect(await folder("nowhere")).toBe("The folder cannot be read (ENOENT).");
    expect(await folder("azure", { ...sources, folder: null })).toContain("No folder is configured");
  });

  it.each(["../azure", "azure/../../etc", "/etc", "azure//x", "azure/.", "azure\\x", "a\0b", "..."])(
    "is none outside of the configured one: %j",
    async (path) => {
      expect(await folder(path)).toContain("Write a path below the folder");
    },
  );

  it("is not reached, and no file in it is read, through a link", async () => {
    const imports = join(base, "imports");
    const outside = join(base, "outside");
    await Promise.all([mkdir(outside), mkdir(join(imports, "linked"), { recursive: true })]);
    await writeFile(join(outside, "secret.json"), "secret");
    await symlink(outside, join(imports, "away"));
    await symlink(join(outside, "secret.json"), join(imports, "linked", "users.json"));
    expect(await folder("away")).toBe("The folder is a link, or is in one. Links are not followed.");
    expect(await folder("linked")).toBe("users.json is a link. Links are not followed.");
  });

  it("is read itself, whatever has its name by then, and was opened where it is", async () => {
    const imports = join(base, "imports");
    const [here, aside] = [join(imports, "swapped"), join(imports, "aside")];
    const elsewhere = join(base, "elsewhere", "swapped");
    await Promise.all([mkdir(here), mkdir(elsewhere, { recursive: true })]);
    await Promise.all([
      writeFile(join(here, "users.json"), "own"),
      writeFile(join(elsewhere, "users.json"), "secret"),
      symlink(join(base, "elsewhere"), join(imports, "through")),
    ]);
    expect(await holdFolder(imports, "through/swapped")).toBeNull();
    const held = await holdFolder(imports, "swapped");
    if (!held) throw new Error("it is a folder");
    await rename(here, aside);
    await symlink(elsewhere, here);
    const read = await readHeld(held);
    expect(await held.isInPlace()).toBe(false);
    await rm(here);
    await rename(aside, here);
    expect(await held.isInPlace()).toBe(true);
    await held.close();
    expect(read.ok && read.files.map(({ bytes }) => `${Buffer.from(bytes)}`)).toEqual(["own"]);
  });

  it("has files of limited size and number, and nothing else by their name", async () => {
    const large = join(base, "imports", "large");
    await mkdir(join(large, "directory.json"), { recursive: true });
    expect(await folder("large")).toBe("directory.json is no file.");
    await rm(join(large, "directory.json"), { recursive: true });
    expect(await folder("large")).toBe("The folder has no file that ends in .json or .csv.");
    await writeFile(join(large, "users.json"), "");
    await truncate(join(large, "users.json"), sourceLimits.fileBytes + 1);
    expect(await folder("large")).toContain("users.json is too large");
    await Promise.all(
      Array.from({ length: sourceLimits.files + 1 }, (_, index) =>
        writeFile(join(large, `${index}.json`), "[]"),
      ),
    );
    expect(await folder("large")).toContain(`more than ${sourceLimits.files} files`);
  });
});

describe("an address", () => {
  const address = (path: string) => read("Address", `https://${host}${path}`);
  it("answers one file, and is sent what the configuration says for its host alone", async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.headers.authorization);
      response.end("[1]");
    };
    expect(await address("/lists/users.json?x=1")).toEqual(["users.json: [1]"]);
    expect(seen).toEqual(["Bearer secret"]);
  });

  it("leads nowhere else, answers 200 and nothing packed, and not too much", async () => {
    answer = (_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    expect(await address("/")).toBe("The address redirects elsewhere. Redirects are not followed.");
    answer = (_, response) => response.writeHead(500).end("secret of the server");
    expect(await address("/")).toBe("The address answered 500.");
    answer = (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("x");
    expect(await address("/")).toBe("The address answered in a compressed form.");
    answer = (_, response) => response.end(Buffer.alloc(sourceLimits.fileBytes + 1, " "));
    expect(await address("/")).toContain("more than 5 MiB");
  });

  it("that is cut off, or cannot be reached, is not read", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("[");
      setImmediate(() => response.socket?.destroy());
    };
    expect(await address("/")).toMatch(/cut off|cannot be read \(ECONNRESET\)/);
    const strange = {
      ...sources,
      hosts: sources.hosts.map((each) => ({ ...each, certificates: undefined })),
    };
    expect(await read("Address", `https://${host}/`, strange)).toMatch(/cannot be read \([A-Z_]+\)/);
  });

  it.each([
    ["file:///etc/passwd", "begins with https://"],
    ["http://localhost/", "begins with https://"],
    ["https://metadata.google.internal/", "allows only these hosts"],
    ["https://169.254.169.254/latest/", "allows only these hosts"],
    ["https://localhost/", "allows only these hosts"],
    ["https://user:secret@127.0.0.1/", "Leave out the user"],
    // Allowed by name, and none of them is public.
    ["https://127.0.0.1/", "is not public"],
    ["https://0x7f000001/", "is not public"],
    ["https://2130706433/", "is not public"],
    ["https://[::1]/", "is not public"],
  ])("is none of another scheme, host or network: %s", async (location, why) => {
    expect(await read("Address", location)).toContain(why);
  });

  it("whose name leads to an address that is not public is refused where it is connected to", async () => {
    const named = { ...sources, hosts: sources.hosts.map((each) => ({ ...each, privateAddresses: false })) };
    answer = (_, response) => response.end("[]");
    expect(await read("Address", `https://${host}/`, named)).toContain("is not public");
    const error = await new Promise((resolve) => publicLookup("localhost", { all: true }, resolve));
    expect(error).toMatchObject({ code: "NOTPUBLIC" });
  });

  it.each([
    ...["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"],
    ...["224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1"],
    ...["fe80::1", "fc00::1", "fd12::1", "ff02::1", "2002:7f00:1::", "2001::1", "no address"],
  ])("is not public: %s", (each) => expect(isPublicAddress(each)).toBe(false));
  it.each(["8.8.8.8", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])("is public: %s", (each) =>
    expect(isPublicAddress(each)).toBe(true),
  );
});

it("the configuration is checked, and the serving process does not get what is sent", () => {
  const hosts = (list: unknown) => () => readImportSources({ POSTERN_IMPORT_HOSTS: JSON.stringify(list) });
  expect(hosts([{ host: "https://contoso.example" }])).toThrow("must be the name of a host");
  expect(hosts([{ host: "contoso.example:443" }])).toThrow("must be the name of a host");
  expect(hosts([{ host: "contoso.example", token: "x" }])).toThrow("POSTERN_IMPORT_HOSTS");
  expect(hosts([{ host: "contoso.example", authorization: "a\r\nb: c" }])).toThrow("Authorization");
  expect(() => readImportSources({ POSTERN_IMPORT_HOSTS: "contoso" })).toThrow("must be a list in JSON");
  expect(() => readImportSources({ POSTERN_IMPORT_FOLDER: "imports" })).toThrow("absolute path");
  expect(readImportSources({})).toEqual({ folder: null, hosts: [] });
  const given = [{ host: "contoso.example", authorization: "Bearer secret" }];
  expect(withoutAuthorization(JSON.stringify(given))).toBe('[{"host":"contoso.example"}]');
});
