import { randomBytes } from "node:crypto";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { stageFiles } from "@/lib/operations/imports/stage-files";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { sendTestMail } from "@/lib/operations/notifications/send-test-mail";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { endPersonSessions } from "@/lib/operations/people/end-person-sessions";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { setManager } from "@/lib/operations/people/set-manager";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { readSeveral } from "@/lib/platform/import-files/several-import-files";
import { openMailer } from "@/lib/platform/mail";
import { makeCaller, makeGroup, makeUser } from "../factories";
import { startMailServer } from "../peers/mail-server";
import { because, type Ground, given, verb } from "./verb";

/** The mail server of a test, once it is needed. */
let mails: ReturnType<typeof startMailServer> | undefined;
const exampleProvider = { issuer: "https://id.example", name: "Example" };

const file = (name: string) => ({
  kind: "Users" as const,
  fileName: "people.json",
  content: JSON.stringify([
    { displayName: name, userPrincipalName: `${name.toLowerCase()}@contoso.example` },
  ]),
  capToMaximum: false,
  group: null,
  removeMembers: false,
});

let staged = 0;
async function staging({ at, root }: Ground): Promise<string> {
  staged += 1;
  const result = await stageImport(at.database, root, file(`Imported${staged}`));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.importId;
}

/** Verbs that change people and groups. They need rights at the root, which administrators of a part do not have. */
export const verbsOfPeople = {
  "adding to a group": verb("add-group-members", async ({ at, root }) =>
    given({
      caller: root,
      input: {
        groupId: (await makeGroup(at.database, [])).id,
        memberIds: [(await makeUser(at.database)).id],
        ...because,
      },
      operation: addGroupMembersOperation,
      run: (caller, input, proofId) => addGroupMembers(at.database, caller, { ...input, proofId }),
    }),
  ),
  "taking out of a group": verb("remove-group-member", async ({ at, root }) => {
    const member = await makeUser(at.database);
    const group = await makeGroup(at.database, [member.id]);
    return given({
      caller: root,
      input: { groupId: group.id, memberId: member.id, ...because },
      run: (caller, input) => removeGroupMember(at.database, caller, input),
    });
  }),
  "making a person": verb("create-principal", async ({ at, root }) =>
    given({
      caller: root,
      input: {
        type: "User" as const,
        displayName: "Nora New",
        email: `nora${Math.random()}@contoso.example`,
        externalId: null,
        signIn: null,
      },
      run: (caller, input) => createPrincipal(at.database, caller, input),
    }),
  ),
  "renaming a person": verb("update-principal", async ({ at, root }) => {
    const { id, email, version } = await makeUser(at.database);
    return given({
      caller: root,
      input: { principalId: id, expectedVersion: version, displayName: "Renamed", email, externalId: null },
      run: (caller, input) => updatePrincipal(at.database, caller, { ...input, proofId: null }),
    });
  }),
  "changing somebody's address": verb("update-principal", async ({ at, root }) => {
    const { id, email, version, displayName } = await makeUser(at.database);
    const moved = `moved${Math.random()}@contoso.example`;
    return given({
      caller: root,
      input: { principalId: id, expectedVersion: version, displayName, email: moved, externalId: null },
      operation: ({ principalId }) => ({
        ...{ kind: "ChangeIdentifiers", principalId },
        from: { email, externalId: null, groupName: null },
        to: { email: moved, externalId: null, groupName: null },
      }),
      run: (caller, input, proofId) => updatePrincipal(at.database, caller, { ...input, proofId }),
    });
  }),
  "disabling a person": verb("disable-principal", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await makeUser(at.database)).id, ...because },
      run: (caller, input) => disablePrincipal(at.database, caller, input),
    }),
  ),
  "enabling a person": verb("enable-principal", async ({ at, root, now }) => {
    const { id } = await makeUser(at.database);
    await at.database.client.principal.update({ where: { id }, data: { disabledAt: now } });
    return given({
      caller: root,
      input: { principalId: id, ...because },
      operation: ({ principalId }) => ({ kind: "EnablePrincipal", principalId }),
      run: (caller, input, proofId) => enablePrincipal(at.database, caller, { ...input, proofId }),
    });
  }),
  "issuing a sign-in": verb("issue-sign-in", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await makeUser(at.database)).id, ...because },
      operation: ({ principalId }) => ({ kind: "IssueSignIn", principalId }),
      run: (caller, input, proofId) =>
        issueSignIn(at.database, caller, {
          ...input,
          proofId,
          signIn: { kind: "OneTimePassword", passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$YWJj$YWJj" },
        }),
    }),
  ),
  "issuing a link to an identity provider": verb("issue-identity-link", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await makeUser(at.database)).id, ...because },
      operation: ({ principalId }) => ({ kind: "LinkIdentity", principalId, issuer: exampleProvider.issuer }),
      run: (caller, input, proofId) =>
        issueIdentityLink(at.database, caller, {
          ...input,
          proofId,
          provider: exampleProvider,
          tokenHash: new Uint8Array(randomBytes(32)),
        }),
    }),
  ),
  "unlinking somebody from an identity provider": verb("remove-identity-link", async ({ at, root }) => {
    const { id: principalId } = await makeUser(at.database);
    const { id: linkId } = await at.database.client.identityLink.create({
      data: { principalId, issuer: exampleProvider.issuer, subject: principalId },
    });
    return given({
      caller: root,
      input: { principalId, linkId, ...because },
      operation: (input) => ({
        kind: "UnlinkIdentity",
        principalId: input.principalId,
        linkId: input.linkId,
      }),
      run: (caller, input, proofId) =>
        removeIdentityLink(at.database, caller, { ...input, proofId, provider: exampleProvider.name }),
    });
  }),
  "ending somebody's sessions": verb("end-person-sessions", async ({ at, root }) => {
    const { userId, sessionId } = await makeCaller(at.database, await makeUser(at.database));
    return given({
      caller: root,
      input: { principalId: userId, sessionId, ...because },
      run: (caller, input) => endPersonSessions(at.database, caller, input),
    });
  }),
  "setting a manager": verb("set-manager", async ({ at, root }) =>
    given({
      caller: root,
      input: { userId: (await makeUser(at.database)).id, managerId: (await makeUser(at.database)).id },
      operation: (input) => ({ kind: "SetManager", ...input }),
      run: (caller, input, proofId) => setManager(at.database, caller, { ...input, proofId }),
    }),
  ),
  "reading an import": verb("stage-import", async ({ at, root }) => {
    staged += 1;
    return given({
      caller: root,
      input: file(`Read${staged}`),
      run: (caller, input) => stageImport(at.database, caller, input),
    });
  }),
  "reading several files": verb("stage-files", async ({ at, root }) => {
    staged += 1;
    const name = `Several${staged}`;
    const users = [{ id: name, displayName: name, userPrincipalName: `${name}@contoso.example` }];
    const groups = [{ id: `${name}-group`, displayName: `${name} team`, securityEnabled: true }];
    return given({
      caller: root,
      input: {
        files: readSeveral([
          { name: "users.json", bytes: Buffer.from(JSON.stringify(users)) },
          { name: "groups.json", bytes: Buffer.from(JSON.stringify(groups)) },
        ]),
        capToMaximum: false,
        removeMembers: false,
      },
      run: (caller, input) => stageFiles(at.database, caller, input),
    });
  }),
  "confirming an import": verb("confirm-import", async (ground) => {
    const { at, root } = ground;
    const importId = await staging(ground);
    const { digest } = await at.database.client.import.findUniqueOrThrow({ where: { id: importId } });
    return given({
      caller: root,
      input: { importId, ...because },
      operation: (input) => applyImportOperation({ id: input.importId, digest }),
      run: (caller, input, proofId) => confirmImport(at.database, caller, { ...input, proofId }),
    });
  }),
  "discarding an import": verb("discard-import", async (ground) =>
    given({
      caller: ground.root,
      input: { importId: await staging(ground) },
      run: (caller, { importId }) => discardImport(ground.at.database, caller, importId),
    }),
  ),
  "sending a test mail": verb("send-test-mail", async ({ at, root }) => {
    await at.test.asOwner("UPDATE installation SET mail_test_begun_at = NULL");
    mails ??= startMailServer();
    const { url } = await mails;
    return given({
      caller: root,
      input: {},
      async run(caller) {
        const mailer = openMailer({ smtpUrl: url, from: "Postern <postern@contoso.example>" });
        try {
          return await sendTestMail(at.database, caller, mailer, "https://postern.contoso.example");
        } finally {
          mailer.close();
        }
      },
    });
  }),
  "trying dead letters again": verb("retry-delivery", async ({ at, root }) => {
    const event = await at.database.client.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    await at.test.asOwner(
      `INSERT INTO notification_outbox (event_id, dead_at) VALUES ($1, now())
       ON CONFLICT (event_id) DO UPDATE SET dead_at = now()`,
      [event.id],
    );
    return given({
      caller: root,
      input: { letterId: event.id },
      run: (caller, { letterId }) => retryDelivery(at.database, caller, letterId),
    });
  }),
};
