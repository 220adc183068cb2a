import { afterEach, beforeEach, expect, it } from "vitest";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { addMinutes } from "@/lib/domain/time/schedule";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { remindOfActivations } from "@/lib/operations/notifications/remind-of-activations";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeActivation,
  makeCaller,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2027-03-01T05:00:00Z");
const clock = { now: start };
const delivery = { mail: true };
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>> | undefined;

beforeEach(async () => {
  clock.now = start;
  tree = undefined;
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(() => test.drop());

async function arrange(minutes: number, eligibleUntil: Date | null = null) {
  const { database } = test;
  tree ??= await makeTree(database);
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id, {
    endsAt: eligibleUntil,
  });
  const activation = await pastTheRules(database, (transaction) =>
    makeActivation(transaction, eligibility, start, minutes),
  );
  return { caller, activation, endsAt: addMinutes(start, minutes) };
}

const remind = () => remindOfActivations(test.database, delivery);
const newNotices = () => test.database.client.notification.findMany({ orderBy: { id: "asc" } });

it("reminds a member fifteen minutes before the end, once, with one button that extends", async () => {
  const { activation, endsAt } = await arrange(60);
  clock.now = addMinutes(endsAt, -16);
  expect(await remind()).toBe(0);
  clock.now = addMinutes(endsAt, -15);
  const counts = await atOnce(test, [remind, remind], "notifications");
  expect(counts.reduce((sum, count) => sum + count)).toBe(1);
  expect(await remind()).toBe(0);
  expect(await newNotices()).toMatchObject([
    {
      title: "Reader on web ends within 15 minutes",
      body: expect.stringContaining("Extend it if you need it longer."),
      href: `/my-roles?tab=active&extend=${activation.id}`,
      category: "expiry",
    },
  ]);
  const [mail, ...more] = await test.database.client.mailMessage.findMany();
  expect(more).toEqual([]);
  expect(mail?.content).toMatchObject({ action: "Extend it" });
  const text = mailText(
    { facts: [], title: "", body: "", href: "/my-roles", action: "Extend it" },
    "https://x.example",
  );
  expect(text.text).toContain("Extend it: https://x.example/my-roles");
  expect(text.html).toContain(">Extend it</a>");
});

it("reminds of the new end again, once it was extended", async () => {
  const { caller, activation, endsAt } = await arrange(60);
  clock.now = addMinutes(endsAt, -15);
  expect(await remind()).toBe(1);
  const of = { assignmentId: activation.id, expectedEnd: endsAt, endsAt: addMinutes(endsAt, 60) };
  const proofId = await makeProof(test.database, caller, extendActivationOperation(of));
  const rest = { justification: "Longer", ticketNumber: null, ticketSystem: null, proofId };
  expect(await extendActivation(test.database, caller, { ...of, ...rest })).toMatchObject({ ok: true });
  expect(await remind()).toBe(0);
  clock.now = addMinutes(endsAt, 45);
  expect(await remind()).toBe(1);
});

it("does not remind of a short activation, nor of one that was deactivated", async () => {
  await arrange(29);
  clock.now = addMinutes(start, 14);
  expect(await remind()).toBe(0);
  clock.now = start;
  const { caller, activation, endsAt } = await arrange(60);
  clock.now = addMinutes(endsAt, -15);
  expect(await deactivateRole(test.database, caller, { assignmentId: activation.id })).toMatchObject({
    ok: true,
  });
  expect(await remind()).toBe(0);
  expect(await newNotices()).toEqual([]);
});

it("offers no extension where the eligibility ends as well", async () => {
  const { endsAt } = await arrange(60, addMinutes(start, 60));
  clock.now = addMinutes(endsAt, -15);
  expect(await remind()).toBe(1);
  expect(await newNotices()).toMatchObject([
    { body: expect.stringContaining("Your eligibility ends then as well."), href: "/my-roles?tab=active" },
  ]);
});
