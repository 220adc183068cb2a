import { afterAll, beforeAll, expect, it } from "vitest";
import { chooseTimes } from "@/lib/operations/preferences/choose-times";
import { ownProfile } from "@/lib/queries/people/own-profile";
import { type Administration, makeAdministration } from "../../support/administration";
import { makeGroup } from "../../support/factories";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => new Date("2026-03-02T09:00:00Z"));
});
afterAll(() => at.test.drop());

it("says what is kept about oneself, who decides it, and in which zone mail has its times", async () => {
  const { client } = at.database;
  const [ada, other] = [await at.person("Ada Byron"), await at.person("Bob Other")];
  await at.test.asOwner("UPDATE installation SET time_zone = 'Europe/Berlin'");
  await makeGroup(at.database, [ada.userId], "Operators");
  await makeGroup(at.database, [other.userId], "Others");
  await client.identityLink.create({
    data: { principalId: ada.userId, issuer: "https://id.example", subject: "ada" },
  });
  expect(await ownProfile(at.database, ada)).toMatchObject({
    ...{ identity: { displayName: "Ada Byron" }, manager: null, directory: null, password: false },
    ...{ passkeys: 0, issuers: ["https://id.example"], groups: [{ displayName: "Operators" }] },
    mailZone: "Europe/Berlin",
  });
  await client.principal.update({ where: { id: ada.userId }, data: { managerId: other.userId } });
  await client.notificationPreference.create({ data: { userId: ada.userId, timeZone: "Asia/Tokyo" } });
  expect(await ownProfile(at.database, ada)).toMatchObject({
    manager: { displayName: "Bob Other" },
    mailZone: "Asia/Tokyo",
  });
  await chooseTimes(at.database, ada, { zone: "America/Lima", language: null });
  expect(await ownProfile(at.database, ada)).toMatchObject({ mailZone: "America/Lima" });
  expect(await ownProfile(at.database, other)).toMatchObject({
    ...{ issuers: [], manager: null, groups: [{ displayName: "Others" }] },
  });
});
