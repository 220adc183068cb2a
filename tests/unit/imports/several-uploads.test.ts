import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { withSeveralFiles } from "@/app/(portal)/import/upload/several-files";
import { maximumImportRows, maximumLargeBytes } from "@/lib/domain/imports/import-kinds";
import { readSeveral } from "@/lib/platform/import-files/several-import-files";
import { answer, policyAssignment } from "../../support/pim-answers";
import { zipOf } from "../../support/zip";

type Sent = Readonly<Record<string, string | Buffer>>;

/** Sends files as the page does, in pieces of this size, and returns what was read of them. */
async function upload(files: Sent, size = 1_000, change: (body: Buffer) => Buffer = (body) => body) {
  const contents = Object.values(files).map((each) => Buffer.from(each));
  const names = Object.keys(files).map((name, index) => ({ name, size: contents[index]?.length ?? 0 }));
  const head = Buffer.from(JSON.stringify(names));
  const body = change(Buffer.concat([head, ...contents]));
  return send(head.length, pieces(body, size));
}

function* pieces(body: Buffer, size: number) {
  for (let start = 0; start < body.length; start += size) yield body.subarray(start, start + size);
}

function send(head: number, body: Iterable<Uint8Array>) {
  const init = { method: "POST", body: Readable.toWeb(Readable.from(body)), duplex: "half" };
  const request = new Request("http://postern/import/upload", init as unknown as RequestInit);
  return withSeveralFiles(request, head, async (found) => {
    if (!found.ok) return found.message;
    const { names, read } = found.files;
    if (!read.ok) return read.message;
    const counts = read.files.map(({ name, kind, rows }) => `${name}: ${rows.length} ${kind}`);
    return [names.length, ...counts, ...read.skipped].join("; ");
  });
}

const user = (index: number, about = "") => ({
  ...{
    id: `id-${index}`,
    displayName: `Zoë ${index}`,
    userPrincipalName: `u${index}@contoso.example`,
    about,
  },
});
const users = (count: number, about = "") =>
  JSON.stringify(Array.from({ length: count }, (_, index) => user(index, about)));
const group = JSON.stringify([{ id: "g", displayName: "Team", securityEnabled: true, mailEnabled: false }]);

describe("several files that are read as they arrive", () => {
  it.each([1, 4_096, 1_000_000])("are the same whole and in pieces of %i bytes", async (size) => {
    const files = {
      "users.json": users(40),
      "empty.json": "[]",
      "all.zip": await zipOf({
        "in/groups.json": group,
        "members.csv": "group,member\nTeam,u1@contoso.example\n",
      }),
      "roles.csv": "roleName,assignableScopes\nDeployer,/\n",
    };
    expect(await upload(files, size)).toBe(
      "5; users.json: 40 Users; in/groups.json: 1 Groups; members.csv: 1 GroupMembers; roles.csv: 1 RoleDefinitions; empty.json, which has no rows",
    );
  });

  it("of more than 5 MiB each, packed too, are read, and what they are is seen though their first entries are long", async () => {
    const large = users(27, randomBytes(100_000).toString("hex"));
    expect(large.length).toBeGreaterThan(5 * 1024 * 1024);
    const files = { "large.json": large, "all.zip": await zipOf({ "again.json": large }) };
    expect(await upload(files, 65_536)).toBe("2; large.json: 27 Users; again.json: 27 Users");
  });

  it("that are cut off, longer or shorter than they say, or have a name twice, are refused", async () => {
    const files = { "users.json": users(3), "groups.json": group };
    for (const change of [
      (body: Buffer) => body.subarray(0, -1),
      (body: Buffer) => Buffer.concat([body, Buffer.from(" ")]),
      (body: Buffer) => body.subarray(0, 20),
      (body: Buffer) => Buffer.concat([Buffer.from("x"), body]),
    ])
      expect(await upload(files, 50, change)).toContain("upload was incomplete");
    const twice = { "users.json": users(1), "all.zip": await zipOf({ "USERS.json": users(1) }) };
    expect(await upload(twice)).toMatch(/Two files have the name .*USERS\.json/);
    expect(await upload({ "all.zip": await zipOf({}) })).toContain("There is no file in it");
    expect(await upload({ "users.json": Buffer.from([0x5b, 0xff, 0x5d]) })).toContain("is not UTF-8 text");
  });

  it("have no more rows together than are allowed, and then the rest is not wanted", async () => {
    const half = maximumImportRows / 2;
    expect(await upload({ "a.json": users(half), "b.json": users(half) }, 65_536)).toBe(
      `2; a.json: ${half} Users; b.json: ${half} Users`,
    );
    expect(await upload({ "a.json": users(half), "b.json": users(half + 1) }, 65_536)).toMatch(
      /^The files have more than 10,000 rows/,
    );
  });

  it("are no more than 100 MiB, and archives no more than 25", async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, " ");
    const head = Buffer.from(JSON.stringify([{ name: "users.json", size: maximumLargeBytes + 1 }]));
    const long = (function* () {
      yield head;
      for (let index = 0; index <= 100; index += 1) yield mebibyte;
    })();
    expect(await send(head.length, long)).toBe("Choose files of at most 100 MiB.");
    const packed = await zipOf({ "a.json": randomBytes(26 * 1024 * 1024) });
    expect(await upload({ "all.zip": packed }, 1024 * 1024)).toBe("Choose archives of at most 25 MiB.");
  });

  it("list policies only beside assignments that name all of them, before or after", async () => {
    const of = { principalId: "p", roleDefinitionId: "b24988ac-6180-42a0-ab88-20f7382dd24c", scope: "/" };
    const assigned = policyAssignment(of, []);
    const { policyId } = assigned.properties;
    const policies = (ids: readonly string[]) =>
      JSON.stringify(
        answer(
          ids.map((id) => ({ id, type: "Microsoft.Authorization/roleManagementPolicies", properties: {} })),
        ),
      );
    const assignments = JSON.stringify(answer([assigned]));
    const said = /settings\.json: 1 RoleSettings; .*policies\.json.*, whose rules/;
    expect(await upload({ "policies.json": policies([policyId]), "settings.json": assignments })).toMatch(
      said,
    );
    expect(await upload({ "settings.json": assignments, "policies.json": policies([policyId]) })).toMatch(
      said,
    );
    expect(
      await upload({ "settings.json": assignments, "policies.json": policies([policyId, `${policyId}2`]) }),
    ).toMatch(/policies\.json.*does not say whose settings/);
    const cut = policies([policyId]).slice(0, -3);
    expect(await upload({ "settings.json": assignments, "policies.json": cut })).not.toContain("whose rules");
  });

  it("are the same in one piece each", () => {
    const { read } = readSeveral([{ name: "users.json", bytes: Buffer.from(users(2)) }]);
    expect(read.ok && read.files[0]?.rows.map(({ number }) => number)).toEqual([1, 2]);
  });
});
