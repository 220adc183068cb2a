import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { arrangeApproval } from "../../support/approval";
import { denyRequest } from "../../support/decide-one";
import { grant, makeRole } from "../../support/factories";

/** Requests that are made and withdrawn again and again notify approvers a limited number of times. */

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

it("refuses a sixth request within an hour to who withdrew five, and takes it after the hour", async () => {
  const { ask, member, people } = await arrangeApproval(at.database, { tree: at.tree });
  let taken = 0;
  for (let time = 0; time < 40; time += 1) {
    now = addMinutes(start, time);
    const result = await ask();
    if (!result.ok) {
      expect(result).toMatchObject(refusedWith("TooManyRequests"));
      continue;
    }
    taken += 1;
    await deliverNotifications(at.database, { mail: true });
    await cancelRequest(at.database, member, { requestId: result.requestId, justification: null });
    await deliverNotifications(at.database, { mail: true });
  }
  expect(taken).toBe(5);
  const mails = await at.database.client.mailMessage.count({ where: { recipientId: people[0]?.id } });
  expect(mails).toBeLessThanOrEqual(10);
  now = addMinutes(start, 70);
  expect(await ask()).toMatchObject({ ok: true });
});

it("counts what is asked at other scopes and for more time, and not what was decided", async () => {
  const { waiting, ask, member, first } = await arrangeApproval(at.database, { tree: at.tree });
  for (let time = 0; time < 3; time += 1)
    await denyRequest(at.database, first, {
      requestId: await waiting(),
      justification: "Not now",
      proofId: null,
    });
  const places = [at.tree.subscription.id, at.tree.group.id];
  for (const resourceId of [...places, ...places]) {
    const requestId = await waiting({ resourceId });
    await cancelRequest(at.database, member, { requestId, justification: null });
  }
  const role = await at.protectedRole();
  const access = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(start, -60),
    endsAt: addDays(start, 10),
  });
  const extend = () =>
    requestExtension(at.database, member, {
      assignmentType: "Eligible",
      id: access.id,
      endsAt: addDays(start, 60),
      justification: "Go on",
    });
  const asked = await extend();
  expect(asked).toMatchObject({ ok: true });
  if (asked.ok) await cancelRequest(at.database, member, { requestId: asked.requestId, justification: null });
  expect(await extend()).toMatchObject(refusedWith("TooManyRequests"));
  expect(await ask()).toMatchObject(refusedWith("TooManyRequests"));
});

it("refuses to activate and give up for ever, which notifies administrators and is kept each time", async () => {
  const member = await at.person("Flora Flapping");
  const role = await makeRole(at.database, "Quick Role", { actions: ["*/read"] });
  await at.database.client.roleManagementPolicy.create({
    data: {
      ...{ resourceId: at.tree.group.id, roleDefinitionId: role.id },
      ...{ activationRequiresMfa: false, activationRequiresJustification: false },
    },
  });
  const held = await grant(at.database, "eligible", member.userId, role.id, at.tree.group.id);
  const activate = () =>
    activateRole(at.database, member, {
      ...{ eligibilityId: held.id, resourceId: at.tree.group.id, startsAt: null, durationMinutes: 60 },
      ...{ justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
    });
  let taken = 0;
  for (let second = 0; second < 60; second += 1) {
    now = new Date(start.getTime() + second * 1_000);
    const result = await activate();
    if (!result.ok || result.status === "PendingApproval") break;
    taken += 1;
    await deactivateRole(at.database, member, { assignmentId: result.assignmentId });
  }
  expect(taken).toBe(50);
  expect(await activate()).toMatchObject(refusedWith("TooManyRequests"));
  now = addMinutes(start, 61);
  expect(await activate()).toMatchObject({ ok: true });
});
