import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import type { Caller } from "@/lib/platform/caller";
import { openMailer } from "@/lib/platform/mail";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { inTransaction } from "@/lib/platform/transaction";
import { listAuditEvents } from "@/lib/queries/audit/audit";
import { wholeLog } from "@/lib/queries/audit/audit-conditions";
import { arrangeApproval } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { approveRequest } from "../../support/decide-one";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";
import { startMailServer } from "../../support/peers/mail-server";

const start = new Date("2027-03-01T09:00:00Z");
let now = start;
let test: TestDatabase;
let owner: Caller;
let tree: Awaited<ReturnType<typeof makeTree>>;
let ownerRole: Awaited<ReturnType<typeof makeOwnerRole>>;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  ownerRole = await makeOwnerRole(test.database);
  const olga = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", olga.id, ownerRole.id, tree.root.id);
  owner = await makeCaller(test.database, olga);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

/** Somebody without privileges, renamed to the Owner's name by somebody who may write people. */
async function accomplice(name = "Olga Owner") {
  const user = await makeUser(test.database, "Mallory Member");
  const input = { principalId: user.id, expectedVersion: 0, displayName: name };
  const renamed = await updatePrincipal(test.database, owner, {
    ...input,
    email: user.email,
    externalId: null,
    proofId: null,
  });
  expect(renamed).toMatchObject({ ok: true });
  return { ...user, displayName: name };
}

/** A change that bypasses every rule, at the moved clock's time. */
const write = (id: string, data: Parameters<typeof test.database.client.principal.update>[0]["data"]) =>
  pastTheRules(test.database, (to) => to.principal.update({ where: { id }, data }));

const read = (id: string) =>
  inTransaction(test.database, async (transaction) => {
    const [identity] = await identitiesOf(transaction, [id]);
    return identity;
  });

async function words(caller: Caller, operation: ProtectedOperation): Promise<string> {
  const challenge = await createChallenge(test.database, caller, operation);
  if (!challenge) throw new Error(`${operation.kind} is not described`);
  const { title, details } = challenge.description;
  return [title, ...details.map(({ label, value }) => `${label}: ${value}`)].join("\n");
}

describe("the words that a code confirms", () => {
  it("show what becomes of role settings and of a custom role, not only which they are", async () => {
    const approver = await makeUser(test.database, "Anna Approver");
    const about = { roleDefinitionId: ownerRole.id, resourceId: tree.root.id, expectedVersion: 0 };
    const settings = {
      ...defaultRoleSettings,
      activationMaximumMinutes: 1440,
      approvalRequired: true,
      approvalStages: [{ ...emptyApprovalStage, approverIds: [approver.id] }],
    };
    const said = await words(owner, { kind: "UpdateRoleSettings", ...about, settings });
    expect(said).toContain("Activation maximum duration (hours): 8 → 24");
    expect(said).toContain(`Approvers: – → one of Anna Approver (${approver.email}) within 24 h`);
    expect(said).not.toContain("justification");

    const custom = await test.database.client.roleDefinition.create({
      data: {
        roleName: "Deployer",
        description: "",
        roleType: "CustomRole",
        permissions: [{ actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] }],
        assignableScopes: ["/"],
      },
    });
    const permission = { actions: ["*/read"], notActions: [], dataActions: ["*"], notDataActions: [] };
    const definition = { roleName: "Deployer", description: "", permission, assignableScopes: ["/"] };
    expect(
      await words(owner, {
        kind: "UpdateRoleDefinition",
        roleDefinitionId: custom.id,
        expectedVersion: 0,
        definition,
      }),
    ).toMatch(/Actions: .*\*\/read.*Data actions: .*\*.*Assignable scopes: /s);
  });

  it("tell an accomplice apart from the Owner whose name they took, and say that they took it", async () => {
    const mallory = await accomplice();
    const group = await makeGroup(test.database, []);
    const when = { startsAt: null, endsAt: null };
    const at = { resourceId: tree.root.id, ...when };
    const operations: ProtectedOperation[] = [
      {
        kind: "AssignRole",
        assignmentType: "Active",
        roleDefinitionId: ownerRole.id,
        principalIds: [mallory.id, owner.userId],
        ...at,
      },
      {
        kind: "AssignRoles",
        assignmentType: "Active",
        roleDefinitionIds: [ownerRole.id],
        principalIds: [mallory.id],
        ...at,
      },
      { kind: "AddGroupMembers", groupId: group.id, memberIds: [mallory.id] },
      { kind: "IssueSignIn", principalId: mallory.id },
      { kind: "ResetAuthenticator", principalId: mallory.id },
    ];
    for (const operation of operations) {
      const said = await words(owner, operation);
      expect(said, operation.kind).toContain(`Olga Owner (${mallory.email})`);
      expect(said, operation.kind).toContain("Named Mallory Member until 1 Mar 2027");
      if (operation.kind === "AssignRole") expect(said).toContain(`Olga Owner (${owner.email})`);
      if (operation.kind === "AddGroupMembers") expect(said).toContain(`Operators (Group ${group.id})`);
    }
  });

  it("tell two who ask for one role apart", async () => {
    const arranged = await arrangeApproval(test.database, { tree });
    const id = await arranged.waiting();
    const said = await words(arranged.first, decideRequestsOperation("Approve", [id]));
    expect(said).toContain(`for Rita Requester (${arranged.user.email})`);
  });

  it("are not turned around by a name from before such names were refused", async () => {
    const user = await makeUser(test.database, "Ada\u202e)tsixe ton seod(");
    const said = await words(owner, { kind: "IssueSignIn", principalId: user.id });
    expect(said).toContain("Ada⟨U+202E⟩)tsixe ton seod(");
    expect(said).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
  });
});

describe("a changed name or address", () => {
  it("is kept for 30 days, whichever way it was changed", async () => {
    const user = await makeUser(test.database, "First");
    await write(user.id, { displayName: "Second" });
    now = addDays(start, 10);
    await pastTheRules(
      test.database,
      (transaction) => transaction.$executeRaw`
        UPDATE principals SET email = 'other@contoso.example' WHERE id = ${user.id}::uuid`,
    );
    expect(await read(user.id)).toMatchObject({
      displayName: "Second",
      former: [
        { kind: "displayName", value: "First" },
        { kind: "email", value: user.email },
      ],
    });
    now = addDays(start, 31);
    expect((await read(user.id))?.former).toMatchObject([{ kind: "email" }]);
    now = addDays(start, 41);
    expect((await read(user.id))?.former).toEqual([]);
  });

  it("is not pushed out by further ones, and grows without end in no row", async () => {
    const user = await makeUser(test.database, "Mallory");
    for (let time = 0; time < 20; time += 1) await write(user.id, { displayName: `N${time}` });
    const former = (await read(user.id))?.former ?? [];
    expect(former).toHaveLength(8);
    expect(former[0]).toMatchObject({ value: "Mallory" });
    expect(former.at(-1)).toMatchObject({ value: "N18" });
  });

  it("is the database's to keep: what the application writes there counts for nothing", async () => {
    const user = await makeUser(test.database, "Mallory");
    const rename = { displayName: "Olga Owner", formerIdentities: [] };
    await write(user.id, rename);
    await write(user.id, { formerIdentities: [] });
    expect((await read(user.id))?.former).toMatchObject([{ value: "Mallory" }]);
  });
});

describe("the log", () => {
  it("keeps the addresses of that moment beside the names, whatever becomes of them", async () => {
    const arranged = await arrangeApproval(test.database, { tree });
    const id = await arranged.waiting();
    const decision = { requestId: id, justification: "Known outage", proofId: null };
    expect(await approveRequest(test.database, arranged.first, decision)).toMatchObject({ ok: true });
    const { email } = arranged.user;
    await write(arranged.user.id, { email: "new@contoso.example" });
    const filter = { ...wholeLog, kinds: ["RoleActivated" as const] };
    const { events } = await listAuditEvents(test.database, owner, filter, null);
    const event = events.find((each) => each.requestId === id);
    expect(event).toMatchObject({
      actorEmail: email,
      targetId: arranged.user.id,
      targetType: "User",
      targetEmail: email,
      details: { approvedBy: `Anna Approver (${arranged.first.email})` },
    });
  });

  it("takes no address from whoever writes an event", async () => {
    await expect(
      test.database.client.$executeRaw`
        INSERT INTO audit_events (kind, outcome, actor_id, actor_name, actor_email)
        VALUES ('SignIn', 'Success', ${owner.userId}::uuid, 'Olga Owner', 'else@contoso.example')`,
    ).rejects.toThrow(/permission denied/);
  });
});

it("notifies approvers by mail which of two of one name asks", async () => {
  const server = await startMailServer();
  const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  try {
    const arranged = await arrangeApproval(test.database, { tree });
    await write(arranged.user.id, { displayName: "Olga\u202eOwner" });
    await arranged.waiting({ caller: { ...arranged.member, displayName: "Olga\u202eOwner" } });
    await deliverNotifications(test.database, { mail: true });
    await sendDueMail(test.database, mailer, "https://postern.contoso.example");
    const mail = server.received.find(({ subject }) => subject?.includes("Olga"));
    expect(mail?.subject).toContain(`Olga⟨U+202E⟩Owner (${arranged.user.email}) asks to activate`);
    expect(mail?.text).toContain(`Member: Olga⟨U+202E⟩Owner (${arranged.user.email})`);
    expect(`${mail?.subject}${mail?.text}${mail?.html}`).not.toContain("\u202e");
  } finally {
    mailer.close();
    await server.close();
  }
});
