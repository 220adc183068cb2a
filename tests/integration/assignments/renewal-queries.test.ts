import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import type { Caller } from "@/lib/platform/caller";
import {
  countExtensionRequests,
  extensionsPageSize,
  listExtensionRequests,
} from "@/lib/queries/assignments/extension-requests";
import { renewalStates } from "@/lib/queries/assignments/renewals";
import { makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

async function arrange(endsAt: Date, resourceId = at.tree.subscription.id) {
  const member = await at.person("Max Member");
  const role = await makeRole(at.database, "Contributor", { actions: ["*/read"] });
  const access = await grant(at.database, "eligible", member.userId, role.id, resourceId, {
    startsAt: addDays(start, -60),
    endsAt,
  });
  const ask = async (verb: typeof requestExtension | typeof requestRenewal) => {
    // Each a little later than the one before, so that their order is known.
    now = addMinutes(now, 1);
    const result = await verb(at.database, member, {
      assignmentType: "Eligible",
      id: access.id,
      endsAt: addDays(now, 60),
      justification: "The project goes on",
    });
    if (!result.ok) throw new Error("the request was refused");
    return result.requestId;
  };
  const state = async () => (await renewalStates(at.database, member, [access.id])).get(access.id);
  return { member, access, role, ask, state };
}
const decide = (requestId: string, decision: "Approve" | "Deny", caller: Caller = at.owner) =>
  decideExtension(at.database, caller, {
    requestId,
    decision:
      decision === "Deny"
        ? { decision }
        : { decision, assignmentType: "Eligible", startsAt: null, endsAt: addDays(now, 60) },
    justification: "As agreed",
    proofId: null,
  });

it("offers to extend, shows the request while it waits, the denial with its reason, and offers again", async () => {
  const { ask, state } = await arrange(addDays(start, 10));
  expect(await state()).toMatchObject({ offer: "Extend", request: null, maximumDays: 365 });
  const first = await ask(requestExtension);
  expect(await state()).toMatchObject({
    offer: null,
    request: { asked: "Extend", status: "PendingApproval" },
  });
  await decide(first, "Deny");
  expect(await state()).toMatchObject({
    offer: "Extend",
    request: { status: "Denied", reason: "As agreed" },
  });
  await decide(await ask(requestExtension), "Approve");
  expect(await state()).toMatchObject({ offer: null, request: { status: "Provisioned" } });
});

it("offers to renew for thirty days, until it is renewed", async () => {
  const { ask, state } = await arrange(addMinutes(addDays(start, -30), 2));
  expect(await state()).toMatchObject({ offer: "Renew", renewed: false });
  await decide(await ask(requestRenewal), "Approve");
  expect(await state()).toMatchObject({ offer: null, renewed: true, request: { status: "Provisioned" } });
  const late = await arrange(addDays(start, -30));
  expect((await late.state())?.offer ?? null).toBeNull();
});

it("shows administrators what waits at the resource and below, oldest first, and to nobody else", async () => {
  const above = await arrange(addDays(start, 10));
  const below = await arrange(addDays(start, 10), at.tree.group.id);
  const requests = [await above.ask(requestExtension), await below.ask(requestExtension)];
  const seen = async (caller: Caller, resourceId: string | null, after: string | null = null) =>
    (await listExtensionRequests(at.database, caller, { resourceId, after })).rows
      .map((row) => row.id)
      .filter((id) => requests.includes(id));
  expect(await seen(at.owner, at.tree.subscription.id)).toEqual(requests);
  const counted = (caller: Caller) => countExtensionRequests(at.database, caller, at.tree.group.id);
  const there = { resourceId: at.tree.group.id, after: null };
  expect(await counted(at.owner)).toBe(
    (await listExtensionRequests(at.database, at.owner, there)).rows.length,
  );
  expect(await counted(above.member)).toBe(0);
  expect(await seen(at.owner, at.tree.group.id)).toEqual([requests[1]]);
  expect(await seen(at.owner, null, requests[0] ?? null)).toEqual([requests[1]]);
  expect(await seen(above.member, at.tree.subscription.id)).toEqual([]);

  const local = await at.person("Lea Local");
  const giver = await makeRole(at.database, "Giver", { actions: [action.writeEligibility] });
  await grant(at.database, "active", local.userId, giver.id, at.tree.group.id, { endsAt: addDays(start, 1) });
  expect(await seen(local, at.tree.subscription.id)).toEqual([requests[1]]);
  const { rows } = await listExtensionRequests(at.database, local, { resourceId: null, after: null });
  expect(rows[0]).toMatchObject({ own: false, mayAssign: { eligible: true, active: false } });
  // A role that may assign counts, even if the person also holds roles that may not.
  await at.test.asOwner(
    `WITH made AS (
       INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
       SELECT 'Read ' || number, '', 'CustomRole', jsonb_build_array(jsonb_build_object(
         'actions', jsonb_build_array(number || '/read'), 'notActions', '[]'::jsonb, 'dataActions', '[]'::jsonb,
         'notDataActions', '[]'::jsonb)), '{/}' FROM generate_series(1, 201) AS number RETURNING id)
     INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
     SELECT $1, id, $2, 'Assigned', $3 FROM made`,
    [local.userId, at.tree.root.id, start],
  );
  expect(await seen(local, at.tree.subscription.id)).toEqual([requests[1]]);
  now = addDays(start, 1);
  expect(await seen(local, null)).toEqual([]);
});

it("turns pages of fifty, also for whoever decides everywhere", async () => {
  const role = await makeRole(at.database, "Paged", { actions: ["*/read"] });
  const members = await Promise.all(Array.from({ length: 53 }, () => makeUser(at.database, "Paula Page")));
  const common = { roleDefinitionId: role.id, resourceId: at.tree.group.id };
  const access = await pastTheRules(at.database, (to) =>
    to.eligibility.createManyAndReturn({
      data: members.map(({ id }) => ({
        ...common,
        principalId: id,
        startsAt: addDays(start, -60),
        endsAt: addDays(start, 5),
      })),
      select: { id: true, principalId: true },
    }),
  );
  const asked = await at.database.client.request.createManyAndReturn({
    data: access.map(({ id, principalId }) => ({
      ...common,
      requestType: "SelfExtend" as const,
      status: "PendingApproval" as const,
      requestorId: principalId,
      principalId,
      eligibilityId: id,
      endsAt: addDays(start, 50),
    })),
    select: { id: true },
  });
  const seen: string[] = [];
  const lengths: number[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { rows } = await listExtensionRequests(at.database, at.owner, { resourceId: null, after });
    seen.push(...rows.map((row) => row.id));
    lengths.push(rows.length);
    after = rows.at(-1)?.id ?? null;
    more = rows.length === extensionsPageSize;
  }
  expect(lengths.slice(0, -1).every((length) => length === extensionsPageSize)).toBe(true);
  expect(new Set(seen).size).toBe(seen.length);
  expect(asked.every(({ id }) => seen.includes(id))).toBe(true);
});

it("marks as one's own what one asked for, or would gain through a group", async () => {
  const colleague = await at.person("Carl Colleague");
  const group = await makeGroup(at.database, [at.owner.userId, colleague.userId]);
  const role = await makeRole(at.database, "Shared", { actions: ["*/read"] });
  const access = await grant(at.database, "eligible", group.id, role.id, at.tree.group.id, {
    endsAt: addDays(start, 5),
  });
  const asked = await requestExtension(at.database, colleague, {
    assignmentType: "Eligible",
    id: access.id,
    endsAt: addDays(start, 50),
    justification: "For the team",
  });
  const { rows } = await listExtensionRequests(at.database, at.owner, {
    resourceId: at.tree.group.id,
    after: null,
  });
  const row = rows.find((each) => asked.ok && each.id === asked.requestId);
  expect(row).toMatchObject({
    own: true,
    requestor: { displayName: "Carl Colleague" },
    member: { type: "Group" },
  });
});
