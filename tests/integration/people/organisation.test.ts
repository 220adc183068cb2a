import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { withNotificationRule } from "@/lib/domain/roles/notification-settings";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { organisationFor } from "@/lib/queries/notifications/organisation";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { arrangeApproval, setSettings } from "../../support/approval";
import { grant, makeProof } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const version = async () =>
  (await at.database.client.installation.findUniqueOrThrow({ where: { id: 1 } })).version;

const kept = { displayName: "Contoso", timeZone: "UTC", allowedMailDomains: [], alertAddresses: [] };

async function save(
  allowedMailDomains: string[],
  how: {
    readonly proved?: boolean;
    readonly caller?: Caller;
    readonly displayName?: string;
    readonly timeZone?: string;
    readonly alertAddresses?: readonly string[];
  } = {},
) {
  const { proved, caller = at.owner, ...others } = how;
  const now = (await organisationFor(at.database, at.owner)) ?? { ...kept, version: 0 };
  const input = { ...kept, ...now, expectedVersion: now.version, allowedMailDomains, ...others };
  const proofId =
    proved === false ? null : await makeProof(at.database, caller, updateOrganisationOperation(input));
  return updateOrganisation(at.database, caller, { ...input, proofId });
}

describe("the name and the time zone", () => {
  it("are changed with a code, stand in the log, and the root has the name at once", async () => {
    const named = { displayName: "  Fabrikam\u00a0Inc. ", timeZone: "Europe/Berlin" };
    expect(await save([], { ...named, proved: false })).toMatchObject(refusedBy("MfaRule"));
    expect(await save([], named)).toMatchObject({ ok: true });
    const root = await at.database.client.resource.findFirstOrThrow({ where: { parentId: null } });
    expect(root.displayName).toBe("Fabrikam Inc.");
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "OrganisationUpdated", outcome: "Success" },
      orderBy: { sequence: "desc" },
    });
    expect(event).toMatchObject({ actorId: at.owner.userId, factor: "Totp", resourceName: "Fabrikam Inc." });
    expect(event.details).toEqual({
      before: { displayName: at.tree.root.displayName, timeZone: "UTC" },
      after: { displayName: "Fabrikam Inc.", timeZone: "Europe/Berlin" },
      version: expect.any(Number),
    });
  });

  it("a zone that was chosen by a former name is shown and kept by its name of today, as no change", async () => {
    await at.database.client.installation.update({
      where: { id: 1 },
      data: { timeZone: "Asia/Calcutta" },
    });
    expect(await save(["kolkata.example"], { timeZone: "Asia/Kolkata" })).toMatchObject({ ok: true });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "OrganisationUpdated", outcome: "Success" },
      orderBy: { sequence: "desc" },
    });
    expect(event.details).not.toHaveProperty("after.timeZone");
    expect(await save([], { timeZone: "Asia/Rangoon" })).toMatchObject({ ok: true });
    expect((await organisationFor(at.database, at.owner))?.timeZone).toBe("Asia/Yangon");
  });

  it("are refused where they are none, and nothing else is saved then", async () => {
    const before = await organisationFor(at.database, at.owner);
    for (const displayName of ["", "  ", "\u200b", "a".repeat(257), "Con\u202etoso"])
      expect(await save(["evil.example"], { displayName }), displayName).toMatchObject({
        error: { code: "InvalidInput", faults: [{ field: "displayName" }] },
      });
    for (const timeZone of [
      "",
      "Europe/Atlantis",
      "+02:00",
      "europe/berlin",
      "FOO5BAR",
      "UTC'; DROP TABLE alerts",
    ])
      expect(await save(["evil.example"], { timeZone }), timeZone).toMatchObject({
        error: { code: "InvalidInput", faults: [{ field: "timeZone" }] },
      });
    expect(await organisationFor(at.database, at.owner)).toEqual(before);
  });
});

describe("the allowed mail domains", () => {
  it("are changed by root administrators alone, always with a code, and stand in the log", async () => {
    expect(await save(["contoso.example"], { proved: false })).toMatchObject(refusedBy("MfaRule"));
    expect(await save([" Contoso.EXAMPLE", "@bücher.example"])).toMatchObject({ ok: true });
    const saved = await organisationFor(at.database, at.owner);
    expect(saved?.allowedMailDomains).toEqual(["contoso.example", "xn--bcher-kva.example"]);
    expect(await save([], { proved: false }), "emptied").toMatchObject(refusedBy("MfaRule"));
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "OrganisationUpdated", outcome: "Success" },
    });
    expect(event).toMatchObject({
      actorId: at.owner.userId,
      factor: "Totp",
      details: {
        before: { allowedMailDomains: [] },
        after: { allowedMailDomains: saved?.allowedMailDomains },
      },
    });
  });

  it("are kept from whoever is an administrator below the root, or may only read", async () => {
    const below = await at.person("Bo Below");
    await grant(
      at.database,
      "active",
      below.userId,
      at.ownerAssignment.roleDefinitionId,
      at.tree.subscription.id,
    );
    expect(await save(["evil.example"], { caller: below })).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await organisationFor(at.database, below)).toBeNull();
    const operation = updateOrganisationOperation({ ...kept, expectedVersion: 0 });
    expect(await createChallenge(at.database, below, operation)).toBeNull();
  });

  it("refuse what is no domain, too many of them, and an edit of what another saved meanwhile", async () => {
    for (const wrong of ["*", "example", "a@b.example", "contoso..example", "10.0.0.1/8", "a b.example"])
      expect(await save([wrong]), wrong).toMatchObject(refusedWith("InvalidInput"));
    const many = Array.from({ length: 51 }, (_, index) => `d${index}.example`);
    expect(await save(many)).toMatchObject(refusedWith("InvalidInput"));
    const stale = {
      ...kept,
      ...{ expectedVersion: (await version()) - 1, allowedMailDomains: ["fabrikam.example"] },
    };
    const proofId = await makeProof(at.database, at.owner, updateOrganisationOperation(stale));
    expect(await updateOrganisation(at.database, at.owner, { ...stale, proofId })).toMatchObject(
      refusedWith("StaleEdit"),
    );
  });

  it("decide whether an address takes a code: within them none, outside and with none allowed one", async () => {
    const { settings, role } = await arrangeApproval(at.database, { tree: at.tree });
    const adding = async (...additionalAddresses: string[]) => {
      await setSettings(at.database, role.id, at.tree.subscription.id, settings);
      const rule = { defaultRecipients: true, additionalAddresses, criticalOnly: false };
      const notifications = withNotificationRule(settings.notifications, "Admin_Assignment", "Admin", rule);
      const policy = await at.database.client.roleManagementPolicy.findFirstOrThrow({
        where: { roleDefinitionId: role.id },
      });
      return updateRoleSettings(at.database, at.owner, {
        roleDefinitionId: role.id,
        resourceId: at.tree.subscription.id,
        expectedVersion: policy.version,
        settings: { ...settings, notifications },
        proofId: null,
      });
    };
    await save(["contoso.example"]);
    expect(await adding("SOC@Contoso.example")).toMatchObject({ ok: true });
    expect(await adding("soc@evilcontoso.example")).toMatchObject(refusedBy("MfaRule"));
    expect(await adding("soc@contoso.example.evil.example")).toMatchObject(refusedBy("MfaRule"));
    for (const disguised of [
      "soc@contoso.example#.evil.example",
      "soc@contoso.example/.evil.example",
      "soc@contoso.example?x.evil.example",
      "soc@contoso%2eexample.evil.example",
    ])
      expect(await adding(disguised), disguised).toMatchObject(refusedWith("InvalidSettings"));
    await save([]);
    expect(await adding("soc@contoso.example")).toMatchObject(refusedBy("MfaRule"));
  });
});

describe("the addresses to which alerts are mailed", () => {
  const raise = (severity: string) =>
    inTransaction(at.database, (transaction) =>
      recordAuditEvent(transaction, {
        ...{ kind: "AlertRaised", outcome: "Success", resource: at.tree.subscription },
        details: { alertId: randomUUID(), alert: "Too many Owners", severity },
      }),
    );
  /** The outside addresses that get mail, and what the title says. */
  const mailed = async () => {
    await deliverNotifications(at.database, { mail: true });
    const mails = await at.database.client.mailMessage.findMany({
      where: { recipientId: null },
      orderBy: { address: "asc" },
    });
    await at.test.asOwner("TRUNCATE notifications, mail_messages");
    return mails.map(({ address, content }) => [
      address,
      z.object({ title: z.string() }).parse(content).title,
    ]);
  };

  it("get those of high severity of every resource, besides its administrators", async () => {
    const addresses = ["soc@contoso.example", "cert@fabrikam.example"];
    expect(await save([], { alertAddresses: addresses, proved: false })).toMatchObject(refusedBy("MfaRule"));
    expect(await save([], { alertAddresses: addresses })).toMatchObject({ ok: true });
    expect((await organisationFor(at.database, at.owner))?.alertAddresses).toEqual([...addresses].sort());
    await mailed();
    await raise("Medium");
    await raise("Low");
    expect(await mailed()).toEqual([]);
    await raise("High");
    const title = `Too many Owners: ${at.tree.subscription.displayName}`;
    expect(await mailed()).toEqual([...addresses].sort().map((address) => [address, title]));
  });

  it("hear when they get them no more, and so does who gets them from then on", async () => {
    await save([], { alertAddresses: ["soc@contoso.example"] });
    await mailed();
    expect(await save([], { alertAddresses: ["new@contoso.example"] })).toMatchObject({ ok: true });
    const changed = "The organisation's settings were changed";
    expect(await mailed()).toEqual([
      ["new@contoso.example", changed],
      ["soc@contoso.example", changed],
    ]);
    await raise("High");
    expect((await mailed()).map(([address]) => address)).toEqual(["new@contoso.example"]);
  });

  it("are named before and after where the code is typed, and refused where they are none", async () => {
    await save([], { alertAddresses: ["soc@contoso.example"] });
    const now = await organisationFor(at.database, at.owner);
    if (!now) throw new Error("there is no organisation");
    const operation = updateOrganisationOperation({
      ...{ ...now, expectedVersion: now.version, alertAddresses: [] },
    });
    const challenge = await createChallenge(at.database, at.owner, operation);
    expect(challenge?.description.details).toEqual([
      { label: "Setting", value: "Alerts also to: soc@contoso.example → None" },
    ]);
    const many = Array.from({ length: 11 }, (_, index) => `a${index}@contoso.example`);
    for (const alertAddresses of [many, ["soc"], ["soc@contoso.example\r\nbcc:x@evil.example"]])
      expect(await save([], { alertAddresses })).toMatchObject({
        error: { code: "InvalidInput", faults: [{ field: "alertAddresses" }] },
      });
  });
});

it("notifies those who were notified before that they no longer are", async () => {
  const { settings, role, people } = await arrangeApproval(at.database, { tree: at.tree });
  const other = await at.person("Otto Owner");
  const ownerRole = at.ownerAssignment.roleDefinitionId;
  await grant(at.database, "active", other.userId, ownerRole, at.tree.root.id);
  const rule = { defaultRecipients: true, additionalAddresses: ["soc@contoso.example"], criticalOnly: false };
  const stricter = withNotificationRule(settings.notifications, "Admin_Assignment", "Admin", rule);
  const before = { ...settings, notifications: stricter };
  await setSettings(at.database, role.id, at.tree.subscription.id, before);
  const policy = await at.database.client.roleManagementPolicy.findFirstOrThrow({
    where: { roleDefinitionId: role.id },
  });
  const muted = { defaultRecipients: false, additionalAddresses: [], criticalOnly: false };
  const edit = {
    roleDefinitionId: role.id,
    resourceId: at.tree.subscription.id,
    expectedVersion: policy.version,
    settings: {
      ...before,
      // Somebody who mutes the notice may remove the approvers as well.
      approvalRequired: false,
      notifications: withNotificationRule(stricter, "Admin_Assignment", "Admin", muted),
    },
  };
  const proofId = await at.prove({ kind: "UpdateRoleSettings", ...edit });
  await deliverNotifications(at.database, { mail: true });
  await at.test.asOwner("TRUNCATE notifications, mail_messages");
  expect(await updateRoleSettings(at.database, at.owner, { ...edit, proofId })).toMatchObject({ ok: true });
  await deliverNotifications(at.database, { mail: true });
  const notices = await at.database.client.notification.findMany();
  const heard = notices.map((notice) => notice.recipientId);
  expect(heard).toEqual(expect.arrayContaining([other.userId, ...people.map((person) => person.id)]));
  expect(heard).not.toContain(at.owner.userId);
  expect(notices[0]?.title).toContain("Recipients of notifications");
  const mails = await at.database.client.mailMessage.findMany({ where: { recipientId: null } });
  expect(mails.map((mail) => mail.address)).toEqual(["soc@contoso.example"]);
});
