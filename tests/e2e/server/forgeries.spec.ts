import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect } from "@playwright/test";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { fieldNames } from "../../support/e2e/action-fields";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, signInAnew, test } from "../../support/e2e/e2e";
import { grantRow, journeyRows } from "../../support/e2e/rows";
import { server } from "../../support/e2e/server";
import {
  answerOf,
  callAction,
  callerWith,
  serverAction,
  serverActions,
  someAtATime,
  writtenForm,
} from "../../support/e2e/server-actions";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

const code = (key: string) => freshCode(account(key).totpSecret ?? "");
const idOf = (key: string) =>
  askOne("SELECT id AS value FROM principals WHERE email = $1", [account(key).email]);
const resourceId = (scope: string) => askOne("SELECT id AS value FROM resources WHERE scope = $1", [scope]);
const refusals = async (kind: string, key: string) =>
  Number(
    await askOne(
      "SELECT count(*) AS value FROM audit_events WHERE kind = $1 AND outcome = 'Failure' AND actor_id = $2",
      [kind, await idOf(key)],
    ),
  );

async function answer(request: APIRequestContext, name: string, fields: Record<string, string>) {
  const response = await callAction(request, serverAction(name), { fields });
  expect(response.status(), name).toBeLessThan(500);
  return (await answerOf(response)) ?? {};
}
const denied = { ok: false, message: expect.stringMatching(/authorization|does not exist/i) };

test("role settings are not saved for a reader, nor for somebody who is eligible but not active", async ({
  page,
  browser,
  baseURL,
}) => {
  const target = { roleDefinitionId: contributor, resourceId: await resourceId(production) };
  const settings = JSON.stringify({ ...defaultRoleSettings, activationRequiresMfa: false });
  const version = () =>
    askOne(
      `SELECT coalesce((SELECT version || ' ' || activation_requires_mfa FROM role_management_policies
         WHERE role_definition_id = $1 AND resource_id = $2), 'none') AS value`,
      [target.roleDefinitionId, target.resourceId],
    );
  const before = await version();
  const context = await browser.newContext({ baseURL });
  await signIn(page, "auditor");
  await signIn(await context.newPage(), "eligible-owner");
  for (const [request, key] of [
    [page.context().request, "auditor"],
    [context.request, "eligible-owner"],
  ] as const) {
    const logged = await refusals("RoleSettingsUpdated", key);
    for (const expectedVersion of ["0", "1", "2", "3"])
      expect(
        await answer(request, "saveRoleSettings", { ...target, expectedVersion, settings }),
      ).toMatchObject(denied);
    expect(await refusals("RoleSettingsUpdated", key)).toBe(logged + 4);
  }
  expect(await version()).toBe(before);
  await context.close();
});

test("a proof for several roles' settings saves no other role, value or version, and nothing twice", async ({
  page,
  context,
}) => {
  const [place, root] = [await resourceId(production), await resourceId("/")];
  const roleId = (name: string) =>
    askOne("SELECT id AS value FROM role_definitions WHERE role_name = $1", [name]);
  const [one, two, other] = [
    await roleId("Log Analytics Reader"),
    await roleId("Log Analytics Contributor"),
    await roleId("Monitoring Reader"),
  ];
  const versions = () =>
    askOne(
      `SELECT coalesce(string_agg(role_definition_id || ' ' || resource_id || ' ' || version, ',' ORDER BY role_definition_id, resource_id), '')
         AS value FROM role_management_policies WHERE role_definition_id = ANY ($1) AND version > 0`,
      [[one, two, other]],
    );
  const versionOf = async (id: string) =>
    Number(
      await askOne(
        "SELECT coalesce(max(version), 0) AS value FROM role_management_policies WHERE role_definition_id = $1 AND resource_id = $2",
        [id, place],
      ),
    );
  const change = async (id: string, changes: object) => ({
    ...{ roleDefinitionId: id, expectedVersion: await versionOf(id), changes },
  });
  const weaker = { activationRequiresMfa: false };
  const genuine = [await change(one, weaker), await change(two, weaker)];
  const fields = (roles: readonly object[], more: Record<string, string> = {}) => ({
    ...{ resourceId: place, roles: JSON.stringify(roles), ...more },
  });
  const before = await versions();
  await signIn(page, "owner");
  const { request } = context;
  const prepared = await answer(request, "prepareSettingsOfRoles", fields(genuine));
  const typed = { challengeId: String(prepared.challengeId), code: await code("owner") };
  // It is refused for its own fault, so the proof of the code is left.
  const stale = genuine.map((each, index) => (index === 0 ? { ...each, expectedVersion: 99 } : each));
  const refusal = await answer(request, "saveSettingsOfRoles", fields(stale, typed));
  expect(refusal).toMatchObject({ ok: false, stale: true, proofId: expect.any(String) });
  const proof = { proofId: String(refusal.proofId) };
  const [first] = genuine;
  const forgeries = [
    fields([first ?? {}]),
    fields([...genuine, await change(other, weaker)]),
    fields([first ?? {}, await change(other, weaker)]),
    fields(genuine.map((each) => ({ ...each, changes: { ...weaker, assignmentRequiresMfa: false } }))),
    fields(genuine, { resourceId: root }),
  ];
  for (const forged of forgeries)
    expect(
      await answer(request, "saveSettingsOfRoles", { ...forged, ...proof }),
      JSON.stringify(forged),
    ).toMatchObject({ ok: false });
  expect(await versions()).toBe(before);
  for (const nonsense of ["", "[]", "{}", "null", JSON.stringify([{ ...first, changes: { version: 9 } }])])
    expect(
      await answer(request, "saveSettingsOfRoles", { ...fields([]), roles: nonsense, ...proof }),
    ).toMatchObject({ ok: false });
  expect(await answer(request, "saveSettingsOfRoles", { ...fields(genuine), ...proof })).toMatchObject({
    ok: true,
  });
  const saved = await versions();
  expect(saved).not.toBe(before);
  expect(await answer(request, "saveSettingsOfRoles", { ...fields(genuine), ...proof })).toMatchObject({
    ok: false,
  });
  expect(await versions()).toBe(saved);
});

test("an administrator's proof assigns the role to nobody else and nowhere else", async ({
  page,
  context,
}) => {
  const [resource, root] = [await resourceId(production), await resourceId("/")];
  const roleDefinitionId = await askOne(
    "SELECT id AS value FROM role_definitions WHERE role_name = 'Log Analytics Reader'",
  );
  await ask(
    `INSERT INTO role_management_policies (resource_id, role_definition_id, assignment_requires_mfa)
     SELECT unnest($1::uuid[]), $2, true
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET assignment_requires_mfa = true`,
    [[resource, root], roleDefinitionId],
  );
  const [member, thief] = [await idOf("member"), await idOf("newcomer")];
  const given = () =>
    askOne("SELECT count(*) AS value FROM assignments WHERE role_definition_id = $1", [roleDefinitionId]);
  const before = Number(await given());
  await signIn(page, "owner");
  const genuine = {
    assignmentType: "Active",
    resourceId: resource,
    roleDefinitionId,
    principalIds: member,
    startsAt: "",
    endsAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const { request } = context;
  const prepared = await answer(request, "prepareAssignment", genuine);
  const typed = { ...genuine, challengeId: String(prepared.challengeId), code: await code("owner") };
  const withoutReason = await answer(request, "addAssignments", typed);
  expect(withoutReason).toMatchObject({ ok: false, proofId: expect.any(String) });
  const whole = { ...genuine, justification: "Look at the gate", proofId: String(withoutReason.proofId) };
  const logged = await refusals("ActiveAssignmentAdded", "owner");
  const forgeries: Record<string, string>[] = [
    { principalIds: thief },
    { principalIds: `${member},${thief}` },
    { resourceId: root },
    { endsAt: new Date(Date.now() + 2 * 86_400_000).toISOString() },
    { startsAt: new Date(Date.now() + 3_600_000).toISOString() },
    { proofId: randomUUID() },
  ];
  for (const forged of forgeries)
    expect(
      await answer(request, "addAssignments", { ...whole, ...forged }),
      JSON.stringify(forged),
    ).toMatchObject({
      ok: false,
      needsCode: true,
    });
  expect(Number(await given())).toBe(before);
  expect(await refusals("ActiveAssignmentAdded", "owner")).toBeGreaterThanOrEqual(logged + forgeries.length);

  expect(await answer(request, "addAssignments", whole)).toMatchObject({ ok: true });
  expect(Number(await given())).toBe(before + 1);
  // The whole request again, with its code and its proof.
  for (const replayed of [whole, { ...typed, justification: "Look at the gate" }])
    expect(await answer(request, "addAssignments", replayed)).toMatchObject({ ok: false });
  expect(Number(await given())).toBe(before + 1);
});

test("nobody decides on their own request, and no member on another's", async ({
  page,
  browser,
  baseURL,
}) => {
  const eligibilityId = await grantRow(journeyRows.forgeries.approved);
  await signIn(page, "auditor");
  const { request } = page.context();
  const proposal = {
    eligibilityId,
    resourceId: await resourceId(production),
    when: "now",
    duration: "1",
    justification: "Look at the gate",
    ticketNumber: "CHG-7",
    ticketSystem: "Service desk",
  };
  const { challengeId } = await answer(request, "prepareActivation", proposal);
  const asked = { ...proposal, challengeId: String(challengeId), code: await code("auditor") };
  expect(await answer(request, "activate", asked)).toMatchObject({ ok: true });
  const requestIds = await askOne(
    `SELECT id AS value FROM requests WHERE requestor_id = $1 AND status = 'PendingApproval' ORDER BY id DESC LIMIT 1`,
    [await idOf("auditor")],
  );
  const other = await browser.newContext({ baseURL });
  await signIn(await other.newPage(), "member");
  const decision = { requestIds, decision: "Approve", justification: "I trust myself" };
  for (const [who, key] of [
    [request, "auditor"],
    [other.request, "member"],
  ] as const) {
    const logged = await refusals("RequestApproved", key);
    const confirmed = await answer(who, "approvals prepareDecision", decision);
    const typed = { ...decision, challengeId: String(confirmed.challengeId ?? ""), code: await code(key) };
    expect(await answer(who, "approvals decide", decision), key).toMatchObject({ ok: false });
    expect(await answer(who, "approvals decide", typed), key).toMatchObject({ ok: false });
    expect(await answer(who, "approvals decide", { ...typed, decision: "Deny" }), key).toMatchObject({
      ok: false,
    });
    expect(await refusals("RequestApproved", key)).toBeGreaterThan(logged);
  }
  expect(await askOne("SELECT status AS value FROM requests WHERE id = $1", [requestIds])).toBe(
    "PendingApproval",
  );
  expect(await answer(other.request, "cancel", { requestId: requestIds })).toMatchObject({ ok: false });
  expect(await answer(request, "cancel", { requestId: requestIds })).toMatchObject({ ok: true });
  await other.close();
});

test("an approved request is activated only by its member, as approved and with a code for exactly that", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const me = await idOf("auditor");
  const [eligible] = await ask<{ id: string; place: string; role: string }>(
    "SELECT id, resource_id AS place, role_definition_id AS role FROM eligibilities WHERE id = $1",
    [await grantRow(journeyRows.forgeries.codeAfterApproval)],
  );
  if (!eligible) throw new Error("the demo has no role that asks for a new code");
  await signIn(page, "auditor");
  const { request } = page.context();
  const proposal = {
    ...{ eligibilityId: eligible.id, resourceId: eligible.place, when: "now", duration: "0.5" },
    justification: "Look at the gate",
  };
  const { challengeId } = await answer(request, "prepareActivation", proposal);
  const asking = { ...proposal, challengeId: String(challengeId), code: await code("auditor") };
  expect(await answer(request, "activate", asking)).toMatchObject({ ok: true });
  const requestId = await askOne(
    "SELECT id AS value FROM requests WHERE requestor_id = $1 AND eligibility_id = $2 ORDER BY id DESC LIMIT 1",
    [me, eligible.id],
  );
  const provision = { requestId };
  // Before the approval there is no challenge, and no way without one.
  expect(await answer(request, "prepareProvisioning", provision)).toMatchObject({ ok: false });
  expect(await answer(request, "provision", provision)).toMatchObject({ ok: false });
  const other = await browser.newContext({ baseURL });
  await signIn(await other.newPage(), "approver");
  const decision = { requestIds: requestId, decision: "Approve", justification: "As planned" };
  expect(await answer(other.request, "approvals decide", decision)).toMatchObject({ ok: true });
  // Neither the approver nor the code of the original request activates it.
  expect(await answer(other.request, "prepareProvisioning", provision)).toMatchObject(denied);
  expect(await answer(other.request, "provision", provision)).toMatchObject(denied);
  expect(await answer(request, "provision", { ...provision, ...asking })).toMatchObject({ ok: false });

  const forged = {
    ...{
      resourceId: await resourceId("/"),
      roleDefinitionId: contributor,
      duration: "24",
      durationMinutes: "1440",
    },
    ...{
      startsAt: "2020-01-01T00:00:00Z",
      endsAt: "2099-01-01T00:00:00Z",
      principalId: await idOf("member"),
    },
    ...{ status: "Provisioned", expiresAt: "2099-01-01T00:00:00Z" },
  };
  const confirmed = await answer(request, "prepareProvisioning", { ...provision, ...forged });
  const typed = { ...provision, challengeId: String(confirmed.challengeId), code: await code("auditor") };
  const sent = { ...forged, ...typed };
  const both = await Promise.all([1, 2].map(() => answer(request, "provision", sent)));
  expect(both.filter((each) => each.ok)).toHaveLength(1);
  expect(await answer(request, "provision", sent)).toMatchObject({ ok: false });
  const made = await ask<{ place: string; role: string; principal: string; minutes: number }>(
    `SELECT a.id, a.resource_id AS place, a.role_definition_id AS role, a.principal_id AS principal,
       (extract(epoch FROM a.ends_at - a.starts_at) / 60)::int AS minutes
     FROM requests q JOIN assignments a ON a.id = q.assignment_id WHERE q.id = $1`,
    [requestId],
  );
  expect(made).toMatchObject([{ place: eligible.place, role: eligible.role, principal: me, minutes: 30 }]);
  const assignmentId = await askOne("SELECT assignment_id AS value FROM requests WHERE id = $1", [requestId]);
  expect(await answer(request, "deactivate", { assignmentId })).toMatchObject({ ok: true });
  await other.close();
});

test("an emergency is approved only by its member, within the cap and where it is allowed, and reviewed by somebody else", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000);
  await signIn(page, "auditor");
  const { request } = page.context();
  const other = await browser.newContext({ baseURL });
  await signIn(await other.newPage(), "member");
  const wait = async (row: Parameters<typeof grantRow>[0]) => {
    const eligibilityId = await grantRow(row);
    const proposal = {
      eligibilityId,
      resourceId: await askOne("SELECT resource_id AS value FROM eligibilities WHERE id = $1", [
        eligibilityId,
      ]),
      ...{ when: "now", duration: "2", justification: "Look at the gate" },
      ...{ ticketNumber: "CHG-7", ticketSystem: "Service desk" },
    };
    const { challengeId } = await answer(request, "prepareActivation", proposal);
    const typed = { ...proposal, challengeId: String(challengeId), code: await code("auditor") };
    expect(await answer(request, "activate", typed)).toMatchObject({ ok: true });
    return askOne(
      "SELECT id AS value FROM requests WHERE eligibility_id = $1 AND status = 'PendingApproval'",
      [eligibilityId],
    );
  };
  const approve = async (who: APIRequestContext, key: string, fields: Record<string, string>) => {
    const { challengeId } = await answer(who, "prepareEmergency", fields);
    const stepUp: Record<string, string> = challengeId
      ? { challengeId: String(challengeId), code: await code(key) }
      : {};
    return answer(who, "approveInEmergency", { ...fields, ...stepUp });
  };
  const reason = { justification: "Nobody answers" };

  // The role settings of the first do not allow it.
  const closed = await wait(journeyRows.forgeries.approved);
  expect(await approve(request, "auditor", { requestId: closed, duration: "0.5", ...reason })).toMatchObject({
    ok: false,
  });
  expect(await answer(request, "cancel", { requestId: closed })).toMatchObject({ ok: true });

  const requestId = await wait(journeyRows.forgeries.codeAfterApproval);
  const fields = { requestId, duration: "1", ...reason };
  expect(await answer(request, "approveInEmergency", fields)).toMatchObject({ ok: false });
  for (const forged of [
    { ...fields, duration: "2" },
    { ...fields, duration: "24", durationMinutes: "30" },
    { ...fields, justification: "" },
    { ...fields, requestId: closed },
  ])
    expect(await approve(request, "auditor", forged), JSON.stringify(forged)).toMatchObject({ ok: false });
  expect(await approve(other.request, "member", fields)).toMatchObject(denied);
  // A code for another duration or reason does not count for this one.
  const { challengeId } = await answer(request, "prepareEmergency", { ...fields, duration: "0.5" });
  const stepUp = { challengeId: String(challengeId), code: await code("auditor") };
  expect(await answer(request, "approveInEmergency", { ...fields, ...stepUp })).toMatchObject({ ok: false });
  const done = await answer(request, "prepareEmergency", fields);
  const sent = { ...fields, challengeId: String(done.challengeId), code: await code("auditor") };
  const both = await Promise.all([1, 2].map(() => answer(request, "approveInEmergency", sent)));
  expect(both.filter((each) => each.ok)).toHaveLength(1);
  expect(await answer(request, "approveInEmergency", sent)).toMatchObject({ ok: false });
  expect(
    await askOne(
      `SELECT (extract(epoch FROM a.ends_at - a.starts_at) / 60)::int::text AS value
       FROM requests q JOIN assignments a ON a.id = q.assignment_id WHERE q.id = $1`,
      [requestId],
    ),
  ).toBe("60");

  const verdict = { requestId, outcome: "Justified", justification: "Fine", endActivation: "on" };
  expect(await answer(request, "closeReview", verdict)).toMatchObject({ ok: false });
  expect(await answer(other.request, "closeReview", verdict)).toMatchObject(denied);
  expect(await answer(request, "closeReview", { ...verdict, closedById: await idOf("owner") })).toMatchObject(
    {
      ok: false,
    },
  );
  await other.close();
  const approver = await browser.newContext({ baseURL });
  await signIn(await approver.newPage(), "approver");
  expect(await answer(approver.request, "closeReview", { ...verdict, outcome: "Approved" })).toMatchObject({
    ok: false,
  });
  expect(await answer(approver.request, "closeReview", verdict)).toMatchObject({ ok: true });
  expect(await answer(approver.request, "closeReview", verdict)).toMatchObject({ ok: false });
  await approver.close();
});

test("requests to extend are decided neither by the requestor nor by a reader, and a proof works only for those it names", async ({
  page,
  browser,
  baseURL,
}) => {
  const [resource, roleDefinitionId] = [
    await resourceId(production),
    await askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'Log Analytics Contributor'"),
  ];
  await ask(
    `INSERT INTO role_management_policies (resource_id, role_definition_id, assignment_requires_mfa)
     VALUES ($1, $2, true)
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET assignment_requires_mfa = true`,
    [resource, roleDefinitionId],
  );
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const [presentEnd, endsAt] = [inDays(9), inDays(40)];
  const proposal = async (request: APIRequestContext, key: string) => {
    const id = await askOne(
      `INSERT INTO assignments (resource_id, role_definition_id, principal_id, assignment_type, starts_at, ends_at)
       VALUES ($1, $2, $3, 'Assigned', now() - interval '9 days', $4) RETURNING id AS value`,
      [resource, roleDefinitionId, await idOf(key), presentEnd],
    );
    const asked = { offer: "Extend", assignmentType: "Active", id, endsAt, justification: "Still needed" };
    expect(await answer(request, "askForMoreTime", asked)).toMatchObject({ ok: true });
    return askOne("SELECT id AS value FROM requests WHERE assignment_id = $1", [id]);
  };
  const [owner, other, reader] = await Promise.all([0, 1, 2].map(() => browser.newContext({ baseURL })));
  if (!owner || !other || !reader) throw new Error("no contexts");
  await signIn(page, "requester");
  await signIn(await other.newPage(), "member");
  const { request } = page.context();
  const [mine, theirs] = [await proposal(request, "requester"), await proposal(other.request, "member")];
  const waiting = () =>
    askOne("SELECT count(*) AS value FROM requests WHERE id = ANY ($1) AND status = 'PendingApproval'", [
      [mine, theirs],
    ]);
  const several = (ids: string[]) => JSON.stringify(ids.map((id) => ({ id })));
  const decision = { decision: "Approve", rows: several([mine, theirs]), justification: "I trust myself" };
  await signIn(await reader.newPage(), "auditor");
  for (const who of [request, other.request, reader.request])
    for (const word of ["Approve", "Deny"])
      expect(await answer(who, "decideSeveral", { ...decision, decision: word })).toMatchObject({
        ok: false,
      });
  expect(await waiting()).toBe("2");

  await signIn(await owner.newPage(), "owner");
  const preview = await answer(owner.request, "previewSeveral", { ...decision, rows: several([mine]) });
  const { rows = "" } = preview.fields as { rows?: string };
  const genuine = { ...decision, rows };
  const { challengeId } = await answer(owner.request, "requests prepareSeveral", genuine);
  const typed = { ...genuine, challengeId: String(challengeId), code: await code("owner") };
  // Valid, but for a request that the code does not confirm.
  const forged = await answer(owner.request, "decideSeveral", { ...typed, rows: rows.replace(mine, theirs) });
  expect(forged).toMatchObject({ ok: false, needsCode: true });
  expect(await waiting()).toBe("2");
  const again = await answer(owner.request, "requests prepareSeveral", genuine);
  const right = { ...genuine, challengeId: String(again.challengeId), code: await code("owner") };
  expect(await answer(owner.request, "decideSeveral", right)).toMatchObject({ ok: true });
  expect(await answer(owner.request, "decideSeveral", right)).toMatchObject({ ok: false });
  expect(await waiting()).toBe("1");
  await ask("UPDATE requests SET status = 'Canceled', completed_at = now() WHERE id = $1", [theirs]);
  for (const context of [owner, other, reader]) await context.close();
});

test("ending a session makes its proof invalid", async ({ browser, baseURL }) => {
  const [here, there] = [await browser.newContext({ baseURL }), await browser.newContext({ baseURL })];
  await signInAnew(await here.newPage(), "member");
  await signInAnew(await there.newPage(), "member");
  const eligibilityId = await askOne(
    `SELECT id AS value FROM eligibilities WHERE principal_id = $1 AND role_definition_id = $2 AND ends_at > now()`,
    [await idOf("member"), contributor],
  );
  const proposal = { eligibilityId, resourceId: await resourceId(production), when: "now", duration: "0.5" };
  const { challengeId } = await answer(here.request, "prepareActivation", proposal);
  const typed = { ...proposal, challengeId: String(challengeId), code: await code("member") };
  const { proofId } = await answer(here.request, "activate", typed);
  expect(proofId).toEqual(expect.any(String));
  expect((await callAction(there.request, serverAction("endSessions"))).status()).toBe(200);
  const whole = { ...proposal, justification: "Look at the gate", proofId: String(proofId) };
  expect(await answer(here.request, "activate", whole)).toMatchObject({ ok: false, signedOut: true });
  expect(await answer(there.request, "activate", whole)).toMatchObject({ ok: false, needsCode: true });
  await here.close();
  await there.close();
});

test("only a group's managers add members to it", async ({ page, browser, baseURL }) => {
  const groupId = await askOne("SELECT id AS value FROM principals WHERE type = 'Group' ORDER BY id LIMIT 1");
  const members = () => askOne("SELECT count(*) AS value FROM group_members WHERE group_id = $1", [groupId]);
  const before = await members();
  const context = await browser.newContext({ baseURL });
  await signIn(page, "auditor");
  await signIn(await context.newPage(), "member");
  for (const [request, key] of [
    [page.context().request, "auditor"],
    [context.request, "member"],
  ] as const) {
    const logged = await refusals("GroupMemberAdded", key);
    const fields = { groupId, memberIds: await idOf(key), justification: "Let me in" };
    expect(await answer(request, "addMembers", fields), key).toMatchObject(denied);
    expect(await refusals("GroupMemberAdded", key)).toBe(logged + 1);
  }
  expect(await members()).toBe(before);
  await context.close();
});

/** Actions that change something of the caller's own that other journeys rely on. */
const ownBusiness = new Set([
  "signOutAction",
  "endSessions",
  "saveMailChoice",
  "markAllRead",
  "saveShortcuts",
]);

test("every action answers hostile fields and arguments cleanly", async ({ page, context }) => {
  test.setTimeout(240_000);
  await signIn(page, "auditor");
  const names = fieldNames();
  expect(names.length).toBeGreaterThan(40);
  const ids: Record<string, string> = {
    resourceId: await resourceId(production),
    roleDefinitionId: contributor,
    roleDefinitionIds: contributor,
    principalId: await idOf("member"),
    principalIds: await idOf("member"),
    groupId: await askOne("SELECT id AS value FROM principals WHERE type = 'Group' LIMIT 1"),
  };
  const filled = (value: string | string[]) => Object.fromEntries(names.map((name) => [name, value]));
  const evil = {
    ...defaultRoleSettings,
    notifications: JSON.parse(JSON.stringify(defaultRoleSettings.notifications)),
  };
  evil.notifications.Admin_Eligibility.Admin.additionalAddresses = [
    "a\0b@contoso.example",
    "\ud800@contoso.example",
  ];
  const forms: Record<string, string | string[]>[] = [
    filled("a\0b"),
    filled("\ud800 \udfff \u202e \u{1f600}"),
    { ...filled("'; DROP TABLE principals; --"), ...ids },
    { ...filled("\0\u0001\u001b[31m"), ...ids },
    {
      ...filled("9999-12-31T23:59:59.999Z"),
      ...ids,
      assignmentType: "Active",
      kind: "User",
      decision: "Approve",
    },
    { ...filled("0001-01-01T00:00:00Z"), ...ids, assignmentType: "Eligible", kind: "User", decision: "Deny" },
    { ...filled("-1e308"), ...ids, settings: JSON.stringify(evil), expectedVersion: "0" },
    { ...filled('[{"id":"\\u0000","assignmentType":"\\ud800"}]'), ...ids, settings: '{"__proto__":{"a":1}}' },
    { ...filled(["1", "2"]), ...ids },
    { justification: "x".repeat(200_000), ...ids },
    { constructor: "x", toString: "x", hasOwnProperty: "x" },
  ];
  const bodies = [
    "[]",
    "[null]",
    '["text"]',
    "[1e400]",
    '[{"a":{"b":"\\u0000"}},"\\ud800",[[[]]],null,"$undefined"]',
    '["$K9"]',
    '["$@1"]',
    '["$F1"]',
    '[{"a":["$B1"]}]',
    '["$1:constructor:constructor"]',
    "{}",
    "not json",
    "",
  ];
  const broken = Buffer.from('["\xff\xfe\xc3("]', "latin1");
  const faults: string[] = [];
  const check = (name: string, what: string, { status, text }: { status: number; text: string }) => {
    if (status >= 500) faults.push(`${name} ${what}: ${status} ${text.slice(0, 80)}`);
  };
  const cookies = await context.cookies();
  const call = callerWith(cookies.map(({ name, value }) => `${name}=${value}`).join("; "));
  const written = await Promise.all(forms.map(writtenForm));
  const hostile = serverActions()
    .filter(({ name }) => !ownBusiness.has(name))
    .flatMap((action) => [
      ...written.map(
        ({ body, contentType }, index) =>
          async () =>
            check(action.name, `form ${index}`, await call(action, body, contentType)),
      ),
      ...bodies.map((body) => async () => check(action.name, body, await call(action, body))),
      async () => check(action.name, "bytes that are no text", await call(action, broken)),
    ]);
  await someAtATime(4, hostile);
  const unfinished = "--x\r\nContent-Disposition: form-data; name";
  const form = "multipart/form-data; boundary=x";
  check("activate", "an unfinished form", await call(serverAction("activate"), unfinished, form));
  const headers = { "next-action": serverAction("activate").id, accept: "text/x-component" };
  for (const path of ["/", "/my-roles", "/sign-in", "/audit/export"]) {
    const response = await context.request.get(path, { headers, maxRedirects: 0 });
    const reply = { status: response.status(), text: await response.text() };
    check(path, "GET with the headers of an action", reply);
  }
  for (const id of [
    "",
    "x",
    "0".repeat(42),
    `40${"f".repeat(40)}`,
    "7f".repeat(500),
    "constructor",
    "__proto__",
  ])
    check(id, "is no action", await call({ ...serverAction("activate"), id }, "[]"));
  const foreign = { "next-action": serverAction("activate").id, origin: "https://evil.example" };
  const refused = await context.request.post("/my-roles", { headers: foreign, data: "not json" });
  expect(refused.status()).toBe(403);
  expect(faults).toEqual([]);
  // The session is still the one that all of them came with.
  expect((await page.goto("/my-roles"))?.status()).toBe(200);
  expect(new URL(page.url()).pathname).toBe("/my-roles");
  await ask("DELETE FROM saved_filters WHERE user_id = $1", [await idOf("auditor")]);
});

test("a form that is too large is refused with a message, whether it declares its size or not", async ({
  page,
  context,
}) => {
  await signIn(page, "auditor");
  const action = serverAction("activate");
  for (const bytes of [300_000, 600_000, 1_500_000]) {
    const response = await callAction(context.request, action, {
      fields: { justification: "x".repeat(bytes) },
    });
    expect(response.status(), String(bytes)).toBe(413);
    expect(await response.text()).toBe("The request is too large.");
  }
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const chunk = new TextEncoder().encode("x".repeat(100_000));
  let left = 8;
  const body = new ReadableStream({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(chunk);
      left -= 1;
    },
  });
  const options = {
    method: "POST",
    headers: {
      cookie,
      "next-action": action.id,
      origin: server().url,
      "content-type": "text/plain",
    },
    body,
    duplex: "half",
  };
  const response = await fetch(`${server().url}${action.path}`, options);
  expect(response.status).toBe(413);
  expect((await page.goto("/my-roles"))?.status()).toBe(200);
});

test("no connection of the product can become the owner of its tables", async () => {
  const logins = await ask<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  expect(logins.length).toBeGreaterThan(0);
  for (const { usename } of logins) expect(usename).toMatch(/^postern_(serving|working)_[0-9a-f]{12}$/);
});
