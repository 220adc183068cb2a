import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { beginFactorAtSignIn, confirmFactorAtSignIn } from "@/lib/identity/sign-in/second-factor";
import { nameOrganisation, resumeSetUp, setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { readSetUp } from "@/lib/identity/sign-in/set-up-progress";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock, holdLog, oneAfterTheOther } from "../../support/database/held-lock";
import { makeOwnerRole, makeTree } from "../../support/factories";
import { compiledProgram } from "../../support/processes/compiled";

const password = "seven herons over tiled roofs";
const token = "the-token-of-the-set-up-address";
const origin = { ipAddress: "192.0.2.1", userAgent: "test" };
const keys = {
  sessionSecrets: ["a session secret for the tests of the set-up"] as const,
  encryptionKeys: readEncryptionKeys(`k1:${"ab".repeat(32)}`),
};
let test: TestDatabase;

beforeEach(arrange);
async function arrange() {
  test = await createTestDatabase();
  await makeTree(test.database);
  await makeOwnerRole(test.database);
  await test.asOwner(
    "UPDATE installation SET setup_token_hashes = ARRAY[sha256('another token'), sha256(convert_to($1, 'UTF8'))]",
    [token],
  );
}
afterEach(() => test.drop());

const progress = (of = token) => readSetUp(test.database, of);
const named = (displayName = "Fabrikam", of = token, timeZone = "Europe/Berlin") =>
  nameOrganisation(test.database, { token: of, displayName, timeZone }, origin);
const owned = (about: Partial<Parameters<typeof setUpFirstOwner>[1]> = {}) =>
  setUpFirstOwner(
    test.database,
    { token, displayName: "Olga Owner", email: "olga@fabrikam.example", password, ...about },
    origin,
  );
const resumed = (typed = password, of = token) =>
  resumeSetUp(test.database, keys.sessionSecrets, { token: of, password: typed }, origin);
const rootName = async () =>
  (await test.database.client.resource.findFirstOrThrow({ where: { parentId: null } })).displayName;

/** Makes a key and confirms it, in the browser that typed the password. */
async function setsUpApp(awaiting: { sessionId: string; secret: string }) {
  const by = { token: awaiting, origin, device: null };
  const begun = await beginFactorAtSignIn(test.database, keys, by, token);
  if (!begun?.ok) return begun;
  return confirmFactorAtSignIn(test.database, keys, by, appCode(begun.secret, new Date()));
}

describe("the set-up", () => {
  it("names the organisation, makes the first Owner, sets up their factor and signs them in, in this order", async () => {
    expect(await progress()).toMatchObject({ step: "Organisation", about: { owner: null } });
    expect(await named()).toEqual({ ok: true });
    expect(await rootName()).toBe("Fabrikam");
    expect(await progress()).toMatchObject({
      step: "Owner",
      about: { organisation: "Fabrikam", timeZone: "Europe/Berlin" },
    });
    expect(await owned({ displayName: "" }), "no name").toMatchObject({ ok: false });
    const made = await owned();
    if (!made.ok) throw new Error(made.message);
    expect(await progress()).toEqual({ step: "Factor", email: "olga@fabrikam.example" });
    expect(await test.database.client.session.count({ where: { awaitsFactor: false } }), "signed in").toBe(0);
    expect(await setsUpApp(made.awaiting)).toMatchObject({
      confirmed: { ok: true, recoveryCodes: expect.arrayContaining([expect.any(String)]) },
      signedIn: { ok: true },
    });
    expect(await progress()).toEqual({ step: "None", open: false });
    expect(await progress("another token")).toEqual({ step: "None", open: false });
    const events = await test.database.client.auditEvent.findMany({ orderBy: { sequence: "asc" } });
    expect(events.filter(({ outcome }) => outcome === "Success").map(({ kind }) => kind)).toEqual([
      ...["OrganisationUpdated", "OwnerSetUp", "AuthenticatorEnrolled", "SignIn"],
    ]);
    expect(events[0]).toMatchObject({
      actorId: null,
      ipAddress: origin.ipAddress,
      details: { bySetUp: true, after: { displayName: "Fabrikam", timeZone: "Europe/Berlin" } },
    });
  });

  it("continues where it was left: with another name until there is an Owner, then with the password", async () => {
    await named("Fabrikan");
    expect(await named("Fabrikam")).toEqual({ ok: true });
    const made = await owned();
    expect(await named("Evil"), "named by a form that stayed open").toMatchObject({
      ok: false,
      fieldErrors: {},
    });
    expect(await owned({ email: "evil@fabrikam.example" }), "twice").toMatchObject({ ok: false });
    expect(await rootName()).toBe("Fabrikam");
    if (!made.ok) throw new Error(made.message);
    await test.database.client.session.updateMany({ data: { endedAt: new Date() } });
    expect(await setsUpApp(made.awaiting), "too late").toBeNull();
    expect(await resumed("seven herons over tiled rooves")).toMatchObject({ ok: false, reason: "Refused" });
    expect(await resumed(password, "another token")).toMatchObject({ ok: false, reason: "Refused" });
    const again = await resumed();
    if (again.ok || again.reason !== "SecondFactor") throw new Error("no second factor is asked for");
    expect(await setsUpApp(again.awaiting)).toMatchObject({ signedIn: { ok: true } });
    expect(await resumed(), "once the factor is there").toMatchObject({ ok: false, reason: "Refused" });
  });

  it("is refused with another token, and changes nothing then", async () => {
    const wrong = "no-token-of-this-set-up";
    expect(await progress(wrong)).toEqual({ step: "None", open: true });
    expect(await named("Evil", wrong)).toMatchObject({ ok: false });
    expect(await owned({ token: wrong })).toMatchObject({ ok: false });
    expect(await resumed(password, wrong)).toMatchObject({ ok: false });
    expect(await test.database.client.principal.count()).toBe(0);
    expect(await rootName()).not.toBe("Evil");
    const events = await test.database.client.auditEvent.findMany();
    expect(events.map(({ kind, outcome }) => [kind, outcome])).toEqual(
      Array.from({ length: 3 }, () => ["OwnerSetUp", "Failure"]),
    );
  });

  it("refuses a name or a zone that is none, and says at which field", async () => {
    expect(await named(" \u200b")).toMatchObject({ fieldErrors: { displayName: expect.any(String) } });
    expect(await named("Fabrikam", token, "Europe/Atlantis")).toMatchObject({
      fieldErrors: { timeZone: expect.any(String) },
    });
    expect(await progress()).toMatchObject({ step: "Organisation" });
  });

  it("says everything that is wrong with the first Owner at once, and to nobody without the address", async () => {
    await named();
    const wrong = { displayName: "", email: "olga at fabrikam", password: "short" };
    expect(await owned(wrong)).toMatchObject({
      ok: false,
      fieldErrors: {
        displayName: expect.any(String),
        email: expect.stringContaining("email address"),
        password: expect.stringContaining("12"),
      },
    });
    expect(await owned({ password: "short" })).toMatchObject({
      fieldErrors: { password: expect.any(String) },
    });
    const one = await owned({ email: "x" });
    expect(one.ok ? [] : Object.keys(one.fieldErrors)).toEqual(["email"]);
    expect(await owned({ ...wrong, token: "no-token-of-this-set-up" })).toMatchObject({ fieldErrors: {} });
    // A refusal because of the fields does not count as a guess of the address.
    expect(await test.database.client.auditEvent.count({ where: { outcome: "Failure" } })).toBe(1);
    expect(await owned()).toMatchObject({ ok: true });
  });

  it("makes no second Owner when a start puts its address back beside the first", async () => {
    // The result of a set-up that finishes and of a start that began before, both committed while somebody
    // waits.
    const first = await holdLock(
      test,
      `WITH owner AS (INSERT INTO principals (type, display_name, email)
         VALUES ('User', 'First Owner', 'first@fabrikam.example') RETURNING id),
       access AS (INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
         SELECT owner.id, d.id, r.id, 'Assigned', now() FROM owner, role_definitions d, resources r WHERE r.parent_id IS NULL)
       UPDATE installation SET setup_token_hashes = setup_token_hashes`,
      [],
    );
    const [second] = await allBehind(first, [() => owned()]);
    expect(second).toMatchObject({ ok: false });
    expect(await test.database.client.principal.count()).toBe(1);
  });

  it("names nothing any more when an Owner is made meanwhile", async () => {
    await named();
    const log = await holdLog(test);
    const owner = owned();
    await log.waitedFor(1);
    const late = named("Late");
    await log.waitedBehind();
    await log.release();
    expect(await owner).toMatchObject({ ok: true });
    expect(await late).toMatchObject({ ok: false, fieldErrors: {} });
    expect(await rootName()).toBe("Fabrikam");
  });
});

describe("an unattended set-up", () => {
  let setUpOwner: string;
  beforeAll(async () => {
    setUpOwner = await compiledProgram("setUpOwner");
  });
  const unattended = (environment: Record<string, string>) =>
    spawnSync(process.execPath, [setUpOwner], {
      cwd: join(import.meta.dirname, "../../.."),
      env: { ...process.env, DATABASE_URL: test.url, ...environment },
      encoding: "utf8",
    });

  it("leaves the first Owner nothing to choose but a password, and their factor", async () => {
    const ran = unattended({
      POSTERN_SETUP_EMAIL: "Olga@fabrikam.example",
      POSTERN_SETUP_NAME: "Olga Owner",
      POSTERN_SETUP_ORGANISATION: "Fabrikam",
      POSTERN_SETUP_TIME_ZONE: "Asia/Tokyo",
    });
    expect(ran.stderr).toBe("");
    expect(ran.status).toBe(0);
    expect(await progress()).toEqual({
      step: "Owner",
      about: {
        organisation: "Fabrikam",
        timeZone: "Asia/Tokyo",
        owner: { displayName: "Olga Owner", email: "olga@fabrikam.example" },
      },
    });
    expect(await owned({ token: "another token of nobody" })).toMatchObject({ ok: false });
    // The fields cannot be edited on the page; a forged form does not change them.
    const made = await owned({ displayName: "Evil", email: `${randomUUID()}@evil.example` });
    if (!made.ok) throw new Error(made.message);
    const people = await test.database.client.principal.findMany();
    expect(people.map(({ displayName, email }) => [displayName, email])).toEqual([
      ["Olga Owner", "olga@fabrikam.example"],
    ]);
    expect(await setsUpApp(made.awaiting)).toMatchObject({ signedIn: { ok: true } });
    expect(await progress()).toEqual({ step: "None", open: false });
    const events = await test.database.client.auditEvent.findMany({
      where: { kind: "OwnerSetUp", outcome: "Success" },
      orderBy: { sequence: "asc" },
    });
    expect(events.map(({ kind, actorId, details }) => [kind, actorId, details])).toEqual([
      ["OwnerSetUp", null, { byOperator: true }],
      ["OwnerSetUp", people[0]?.id, { unattended: true }],
    ]);
  }, 30_000);

  it("makes one Owner, whoever comes first: this, or somebody at a replica that runs already", async () => {
    const environment = {
      ...process.env,
      DATABASE_URL: test.url,
      POSTERN_SETUP_EMAIL: "una@fabrikam.example",
    };
    const started = () =>
      promisify(execFile)(process.execPath, [setUpOwner], {
        cwd: join(import.meta.dirname, "../../.."),
        env: environment,
      });
    const [, made] = await oneAfterTheOther(test, started, () => owned());
    expect(made).toMatchObject({ ok: false });
    const people = () => test.database.client.principal.findMany({ select: { email: true } });
    expect(await people()).toEqual([{ email: "una@fabrikam.example" }]);
    await test.drop();
    await arrange();
    environment.DATABASE_URL = test.url;
    const [first] = await oneAfterTheOther(test, () => owned(), started);
    expect(first).toMatchObject({ ok: true });
    expect(await people()).toEqual([{ email: "olga@fabrikam.example" }]);
    expect(await progress("another token")).toEqual({ step: "None", open: false });
  }, 60_000);

  it("says which setting cannot be used, and makes nobody", async () => {
    const ran = unattended({ POSTERN_SETUP_EMAIL: "olga at fabrikam" });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("POSTERN_SETUP_EMAIL cannot be used: ");
    expect(await test.database.client.principal.count()).toBe(0);
  }, 30_000);
});
