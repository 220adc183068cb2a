import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

/** A member whose eligibility ends after so many minutes. */
async function endingAfter(minutes: number) {
  const user = await makeUser(test.database);
  const caller = await makeCaller(test.database, user);
  const role = await makeRole(test.database, "Contributor", { actions: ["*"] });
  const eligibility = await grant(test.database, "eligible", user.id, role.id, tree.subscription.id);
  const endsAt = addMinutes(start, minutes);
  await pastTheRules(test.database, (to) =>
    to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt } }),
  );
  const operation = (durationMinutes: number) => ({
    eligibilityId: eligibility.id,
    resourceId: tree.subscription.id,
    startsAt: null,
    durationMinutes,
  });
  const prove = (durationMinutes: number) =>
    makeProof(test.database, caller, { kind: "ActivateRole", ...operation(durationMinutes) });
  const activate = (durationMinutes: number, proofId: string) =>
    activateRole(test.database, caller, {
      ...operation(durationMinutes),
      justification: "Finish the migration",
      ticketNumber: null,
      ticketSystem: null,
      proofId,
    });
  return { endsAt, prove, activate };
}

const refused = (rule: string, message: string) => ({
  ok: false,
  error: { failures: [{ rule, field: "duration", message }] },
});

it("a member uses the last twelve minutes of an eligibility", async () => {
  const { endsAt, prove, activate } = await endingAfter(12);
  expect(await activate(12, await prove(12))).toMatchObject({ ok: true, startsAt: now, endsAt });
});

it("a code typed four minutes after the panel was opened still activates what was left then", async () => {
  const { endsAt, prove, activate } = await endingAfter(12);
  const proof = await prove(12);
  now = addMinutes(start, 4);
  expect(await activate(12, proof)).toMatchObject({ ok: true, startsAt: now, endsAt });
});

it("a member who asks for longer sees what is left", async () => {
  const { prove, activate } = await endingAfter(50);
  const words = "This eligibility ends 50 minutes after the start. Choose at most 50 minutes.";
  expect(await activate(480, await prove(480))).toMatchObject(refused("EligibilityRule", words));
});

it("nobody activates for less than what is left, or less than half an hour", async () => {
  const short = await endingAfter(12);
  expect(await short.activate(5, await short.prove(5))).toMatchObject(
    refused("ExpirationRule", "Choose at least 12 minutes."),
  );
  const long = await endingAfter(600);
  expect(await long.activate(12, await long.prove(12))).toMatchObject(
    refused("ExpirationRule", "Choose at least 30 minutes."),
  );
});
