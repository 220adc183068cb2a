import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { action } from "@/lib/domain/roles/permissions";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import {
  replaceDirectoryToken,
  replaceDirectoryTokenOperation,
} from "@/lib/operations/directories/replace-directory-token";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import type { Caller } from "@/lib/platform/caller";
import { directoriesFor } from "@/lib/queries/directories/directories";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory, scimOf } from "../../support/directories";
import { grant, makeCaller, makeRole } from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
let directoryId: string;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  directoryId = (await makeDirectory(at, "Contoso Entra")).id;
});
afterAll(() => at.test.drop());

/** Makes a new token in the name of an administrator, who signs in anew, and answers what sends requests with it. */
async function tokenOf({ userId }: Caller) {
  const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: userId } });
  const caller = await makeCaller(at.database, user);
  const { token, tokenHash } = makeDirectoryToken();
  const input = { directoryId, token: { tokenHash, days: 90 } };
  const proofId = await at.prove(replaceDirectoryTokenOperation(input), caller);
  expect(await replaceDirectoryToken(at.database, caller, { ...input, proofId })).toMatchObject({ ok: true });
  return scimOf(at.database, token);
}
async function shown() {
  const [directory] = (await directoriesFor(at.database, at.owner)) ?? [];
  return directory && { maker: directory.tokenMaker.displayName, manages: directory.makerManages };
}
async function alerts() {
  now = addMinutes(now, 5);
  await scanAlerts(at.database);
  return at.database.client.alert.findMany({
    where: { kind: "TokenOutlivesMaker", resolvedAt: null },
    select: { subject: true, principalId: true, details: true },
  });
}

it("a token works on when whoever made it manages no directories any more, and that is shown and an alert until a new one is made", async () => {
  const tim = await at.person("Tim Temporary");
  const of = [tim.userId, ownerRoleId, at.tree.root.id] as const;
  // For an hour, and to be activated for a month.
  await grant(at.database, "active", ...of, { endsAt: addMinutes(now, 60) });
  await grant(at.database, "eligible", ...of, { endsAt: addDays(now, 30) });
  // Neither every right elsewhere nor one of the rights at the root is enough.
  await grant(at.database, "active", tim.userId, ownerRoleId, at.tree.subscription.id);
  const half = await makeRole(at.database, "Half", { actions: [action.writePrincipals] });
  await grant(at.database, "active", tim.userId, half.id, at.tree.root.id);
  expect(await shown()).toEqual({ maker: "Olga Owner", manages: true });
  const scim = await tokenOf(tim);
  expect(await shown()).toEqual({ maker: "Tim Temporary", manages: true });
  now = addMinutes(now, 61);
  expect(await shown(), "who may activate it again").toEqual({ maker: "Tim Temporary", manages: true });
  expect(await alerts()).toEqual([]);

  now = addDays(now, 31);
  expect(await shown()).toEqual({ maker: "Tim Temporary", manages: false });
  const alert = { subject: directoryId, principalId: tim.userId, details: { directory: "Contoso Entra" } };
  expect(await alerts()).toEqual([alert]);
  expect((await scim("POST", "/Users", entraUser())).status).toBe(201);

  const again = await tokenOf(at.owner);
  expect((await scim("GET", "/Users")).status).toBe(401);
  expect((await again("GET", "/Users")).status).toBe(200);
  expect(await shown()).toEqual({ maker: "Olga Owner", manages: true });
  expect(await alerts()).toEqual([]);
});

it("whoever is disabled manages none, whatever they hold", async () => {
  const dora = await at.person("Dora Disabled");
  await grant(at.database, "active", dora.userId, ownerRoleId, at.tree.root.id);
  await tokenOf(dora);
  expect(await shown()).toEqual({ maker: "Dora Disabled", manages: true });
  await disablePrincipal(at.database, at.owner, { principalId: dora.userId, justification: "Left" });
  expect(await shown()).toEqual({ maker: "Dora Disabled", manages: false });
  expect(await alerts()).toMatchObject([{ principalId: dora.userId }]);
});
