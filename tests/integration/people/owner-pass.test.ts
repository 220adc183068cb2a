import { afterAll, beforeAll, expect, it } from "vitest";
import { addHours } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { makeFactorPass, sha256 } from "@/lib/identity/factors/first-factor";
import { renewOwnerPass } from "@/lib/identity/sign-in/owner-pass";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import type { Caller } from "@/lib/platform/caller";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeOwnerRole, makeTree } from "../../support/factories";

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
});
afterAll(() => test.drop());

const begin = (caller: Caller, pass: string) =>
  beginEnrolment(test.database, keys, caller, { proofId: null, reauthenticated: true, pass });
async function renew() {
  const { pass, passHash } = makeFactorPass();
  return { pass, made: await renewOwnerPass(test.database, passHash) };
}

it("the first Owner gets a new pass from the server while nobody has ever had a factor, and nobody else does", async () => {
  expect((await renew()).made, "before there is an Owner").toBeNull();
  await makeTree(test.database);
  await makeOwnerRole(test.database);
  await test.asOwner("UPDATE installation SET setup_token_hashes = ARRAY[$1::bytea]", [sha256("a token")]);
  const input = {
    ...{ token: "a token", displayName: "Olga Owner", email: "olga@contoso.example" },
    password: "seven herons over tiled roofs",
  };
  expect(
    await setUpFirstOwner(test.database, input, { ipAddress: "192.0.2.1", userAgent: "test" }),
  ).toMatchObject({
    ok: true,
  });
  const user = await test.database.client.principal.findFirstOrThrow({ where: { email: input.email } });
  now = addHours(start, 73);
  const caller = await makeCaller(test.database, user);
  expect(await begin(caller, "a token"), "the set-up address is over").toMatchObject({ field: "pass" });

  const first = await renew();
  const { pass, made } = await renew();
  expect(made).toEqual({ displayName: "Olga Owner", email: input.email, expiresAt: addHours(now, 72) });
  expect(await begin(caller, first.pass), "replaced").toMatchObject({ field: "pass" });
  const begun = await begin(caller, pass);
  if (!begun.ok) throw new Error(begun.message);
  expect(await confirmEnrolment(test.database, keys, caller, appCode(begun.secret, now))).toMatchObject({
    ok: true,
  });
  const events = await test.database.client.auditEvent.findMany({
    where: { kind: "FactorPassIssued", targetId: user.id },
  });
  expect(events.map(({ actorId, details }) => [actorId, details])).toContainEqual([
    null,
    { hours: 72, expiresAt: addHours(now, 72).toISOString(), byOperator: true },
  ]);

  await test.asOwner("UPDATE totp_factors SET removed_at = $1", [now]);
  expect((await renew()).made, "once anybody had a factor").toBeNull();
});
