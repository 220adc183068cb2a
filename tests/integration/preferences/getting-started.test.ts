import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { type GettingStartedStep, gettingStartedOrder } from "@/lib/domain/preferences/getting-started";
import { addMinutes } from "@/lib/domain/time/schedule";
import { recordExport } from "@/lib/operations/audit/record-export";
import { sendTestMail } from "@/lib/operations/notifications/send-test-mail";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { dismissGettingStarted } from "@/lib/operations/preferences/dismiss-getting-started";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { openMailer } from "@/lib/platform/mail";
import { inTransaction } from "@/lib/platform/transaction";
import { gettingStarted } from "@/lib/queries/preferences/getting-started";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeOwnerRole, makeProof, makeRole, makeUser } from "../../support/factories";
import { type MailServer, smtpError, startMailServer } from "../../support/peers/mail-server";

let now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
let owner: Caller;
let member: Caller;
let rootId: string;
let mails: MailServer;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  mails = await startMailServer();
  const { client } = test.database;
  const resourceType = "Microsoft.Management/tenants";
  const root = await client.resource.create({
    data: { scope: "/", displayName: "Organisation", resourceType },
  });
  rootId = root.id;
  await makeOwnerRole(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, ownerRoleId, root.id);
  owner = await makeCaller(test.database, user);
});
afterAll(async () => {
  await mails.close();
  await test.drop();
});

const open = async (who = owner): Promise<readonly GettingStartedStep[] | null> =>
  (await gettingStarted(test.database, who))?.steps.filter((step) => !step.done).map((step) => step.name) ??
  null;

const sends = async (who: Caller, url = mails.url) => {
  const mailer = openMailer({ smtpUrl: url, from: "Postern <postern@contoso.example>" });
  try {
    return await sendTestMail(test.database, who, mailer, "https://postern.contoso.example");
  } finally {
    mailer.close();
  }
};

describe("getting started", () => {
  it("ticks each step once it is true, and is over when all are", async () => {
    const left = new Set<GettingStartedStep>(gettingStartedOrder);
    const ticks = async (step: GettingStartedStep, how: () => Promise<unknown>) => {
      expect(await open(), `before ${step}`).toEqual(gettingStartedOrder.filter((each) => left.has(each)));
      await how();
      left.delete(step);
    };
    await ticks("organisation", async () => {
      const input = {
        ...{ expectedVersion: 0, displayName: "Fabrikam", timeZone: "UTC", allowedMailDomains: [] },
        alertAddresses: [],
      };
      const proofId = await makeProof(test.database, owner, updateOrganisationOperation(input));
      expect(await updateOrganisation(test.database, owner, { ...input, proofId })).toMatchObject({
        ok: true,
      });
    });
    await ticks("mail", async () => {
      expect(await sends(owner)).toEqual({ ok: true, address: owner.email });
      expect(mails.received.map((mail) => mail.subject)).toEqual(["Postern: Mail from Postern works"]);
    });
    await ticks("people", async () => {
      member = await makeCaller(test.database, await makeUser(test.database, "Mina Member"));
    });
    let shopId = "";
    await ticks("resources", async () => {
      const shop = await test.database.client.resource.create({
        data: {
          ...{ parentId: rootId, scope: "/subscriptions/x", displayName: "Shop" },
          resourceType: "Microsoft.Resources/subscriptions",
        },
      });
      shopId = shop.id;
    });
    await ticks("eligibility", async () => {
      await grant(test.database, "eligible", member.userId, ownerRoleId, rootId);
      // Somebody who may become Owner counts as one.
      left.delete("secondOwner");
    });
    const undecided = async () =>
      (await gettingStarted(test.database, owner))?.undecided.map(({ roleName }) => roleName);
    const decide = (roleId: string) =>
      test.asOwner(
        "INSERT INTO role_management_policies (resource_id, role_definition_id, updated_by_id) VALUES ($1, $2, $3)",
        [rootId, roleId, owner.userId],
      );
    await ticks("assigningRoles", async () => {
      // Every role that can assign roles counts, including custom ones, if anybody holds or may activate it at
      // the root.
      const actions = ["Microsoft.Authorization/roleAssignments/write"];
      const custom = await makeRole(test.database, "Access Desk", { actions });
      const elsewhere = await makeRole(test.database, "Elsewhere Desk", { actions });
      const reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
      await grant(test.database, "eligible", member.userId, custom.id, rootId);
      await grant(test.database, "active", member.userId, reader.id, rootId);
      await grant(test.database, "active", member.userId, elsewhere.id, shopId);
      expect(await undecided()).toEqual(["Owner", "Access Desk"]);
      await decide(ownerRoleId);
      expect(await undecided()).toEqual(["Access Desk"]);
      expect(await open()).toContain("assigningRoles");
      await decide(custom.id);
    });
    await ticks("alertAddresses", async () => {
      const input = {
        ...{ expectedVersion: 1, displayName: "Fabrikam", timeZone: "UTC", allowedMailDomains: [] },
        alertAddresses: ["soc@fabrikam.example"],
      };
      const proofId = await makeProof(test.database, owner, updateOrganisationOperation(input));
      expect(await updateOrganisation(test.database, owner, { ...input, proofId })).toMatchObject({
        ok: true,
      });
    });
    await ticks("logExport", () =>
      recordExport(
        test.database,
        owner,
        { name: "Audit log", filter: {}, resourceId: null },
        { how: "complete", rows: 3 },
      ),
    );
    await ticks("backup", () =>
      inTransaction(test.database, (transaction) =>
        recordAuditEvent(transaction, { kind: "BackupMade", outcome: "Success", caller: {} }),
      ),
    );
    expect(await open()).toEqual(["breakGlass"]);
    await test.asOwner(
      "INSERT INTO break_glass_accounts (user_id, named_by_id, reason) VALUES ($1, $2, 'For emergencies')",
      [owner.userId, owner.userId],
    );
    expect(await open()).toBeNull();
    await test.asOwner("DELETE FROM break_glass_accounts");
  });

  it("is for administrators of the root, until they put it away, each for themselves", async () => {
    expect(await open(member), "who is only eligible").toBeNull();
    expect(await open()).toEqual(["breakGlass"]);
    await dismissGettingStarted(test.database, member);
    expect(await open()).toEqual(["breakGlass"]);
    await dismissGettingStarted(test.database, owner);
    await dismissGettingStarted(test.database, owner);
    expect(await open()).toBeNull();
  });
});

describe("a test mail", () => {
  it("is sent once a minute, by administrators of the root alone, and both outcomes are logged", async () => {
    now = addMinutes(now, 2);
    const sent = mails.received.length;
    expect(await sends(member)).toMatchObject({ ok: false, error: { code: "NotFound" } });
    expect(await sends(owner)).toMatchObject({ ok: true });
    expect(await sends(owner)).toMatchObject({ ok: false, error: { code: "Conflict" } });
    expect(mails.received).toHaveLength(sent + 1);
    now = addMinutes(now, 2);
    const refusing = await startMailServer({
      onRcptTo: (_address, _session, done) => done(smtpError(550, "no such\u202e mailbox")),
    });
    const refused = await sends(owner, refusing.url);
    await refusing.close();
    if (refused.ok || !("message" in refused.error)) throw new Error("it was sent");
    expect(refused.error.message).toContain("The mail was not accepted: ");
    expect(refused.error.message).toContain("550");
    expect(refused.error.message).not.toContain("\u202e");
    const events = await test.database.client.auditEvent.findMany({
      where: { kind: "MailTested" },
      orderBy: { sequence: "asc" },
    });
    expect(events.map(({ outcome, actorId }) => [outcome, actorId])).toEqual([
      ["Success", owner.userId],
      ["Failure", member.userId],
      ["Success", owner.userId],
      ["Failure", owner.userId],
      ["Failure", owner.userId],
    ]);
    expect(JSON.stringify(events.at(-1)?.details)).toContain("550");
  });
});
