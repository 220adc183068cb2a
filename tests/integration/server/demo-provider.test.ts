import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Claims } from "@/lib/identity/providers/provider-client";
import { beginHandshake, finishHandshake } from "@/lib/identity/providers/provider-handshake";
import { readIdentityProviders } from "@/lib/platform/identity-providers";
import { demoPeople, startDemoProvider, wantsDemoProvider } from "@/lib/server/demo-provider";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { kept, publicUrl } from "../../support/e2e/provider-journey";
import { makeUser } from "../../support/factories";

let test: TestDatabase;
let owner: pg.Client;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
  folder = mkdtempSync(join(tmpdir(), "postern-demo-provider-"));
});
afterAll(async () => {
  await owner.end();
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

it("is asked for by its own variable alone, and refused without demo data or beside real providers", async () => {
  expect(wantsDemoProvider({ NODE_ENV: "test" }, true)).toBe(false);
  const asked = { NODE_ENV: "test", POSTERN_DEMO_OIDC: "1" } as const;
  expect(wantsDemoProvider(asked, true)).toBe(true);
  expect(() => wantsDemoProvider(asked, false)).toThrow(/needs the demo data/);
  expect(() =>
    wantsDemoProvider({ ...asked, POSTERN_IDENTITY_PROVIDERS: "/etc/providers.json" }, true),
  ).toThrow(/exclude each other/);
  // Whatever the settings say now, the database records how it was made.
  await owner.query("UPDATE installation SET demo = false");
  await expect(demoPeople(owner)).rejects.toThrow(/is no demo/);
});

it("signs in whom one says one is, of the demo's people who have a password, and nobody else", async () => {
  await owner.query("UPDATE installation SET demo = true");
  const user = await makeUser(test.database);
  await makeUser(test.database);
  await test.database.client.passwordCredential.create({ data: { userId: user.id, hash: "$argon2id$" } });
  const people = await demoPeople(owner);
  expect(people).toEqual([{ id: user.id, name: user.displayName, email: user.email }]);
  // The port beside Postern's is taken, so it listens elsewhere.
  const neighbour = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => neighbour.once("listening", resolve));
  const port = (neighbour.address() as AddressInfo).port - 1;
  const demo = await startDemoProvider({ people, publicUrl, port, folder });
  try {
    const [provider] = readIdentityProviders(demo.file);
    if (!provider) throw new Error("it is not configured");
    expect(provider).toMatchObject({ issuer: demo.issuer, unknownPeople: "Refuse" });
    process.env.NEXTAUTH_URL = publicUrl;
    const settings = {
      servedOverHttps: false,
      sessionSecrets: ["a secret of the test's own, long enough"] as const,
    };
    const begun = await beginHandshake(settings, provider, { returnPath: "/", pass: null });
    if (typeof begun === "string") throw new Error(begun);
    let jar: Record<string, string> = {};
    const visit = async (address: string, init: RequestInit = {}) => {
      const cookie = Object.entries(jar)
        .map((each) => each.join("="))
        .join("; ");
      const answer = await fetch(address, { ...init, redirect: "manual", headers: { cookie } });
      jar = kept(jar, answer.headers.getSetCookie());
      return answer;
    };
    const place = async (answer: Response) => new URL(answer.headers.get("location") ?? "", demo.issuer).href;
    const choosing = await place(await visit(begun.location));
    expect(await (await visit(choosing)).text()).toContain(`value="${user.id}"`);
    const choose = (person: string) =>
      visit(choosing, { method: "POST", body: new URLSearchParams({ person }) });
    expect((await choose("somebody else")).status).toBe(400);
    const back = new URL(await place(await visit(await place(await choose(user.id)))));
    expect(back.origin).toBe(publicUrl);
    let arrived: Claims | null = null;
    const query = Object.fromEntries(back.searchParams);
    await finishHandshake(settings, provider, { query, cookies: kept({}, begun.cookies) }, async (claims) => {
      arrived = claims;
      return { token: null, location: "/" };
    });
    expect(arrived).toMatchObject({ sub: user.id, email: user.email, email_verified: true });
  } finally {
    await demo.stop();
    neighbour.close();
  }
});
