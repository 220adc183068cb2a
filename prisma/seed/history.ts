import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { seedAccess } from "./access";
import { seedApprovals } from "./approvals";
import { seedConflicts } from "./conflicts";
import { seedDaily } from "./daily";
import { openDemo, roles } from "./demo";
import { seedExports } from "./exports";
import { seedImports } from "./imports";
import type { Organisation } from "./organisation";
import { seedEndingSoon, seedWaitingRequests } from "./renewals";
import { demoReviews } from "./reviews";
import { seedStanding } from "./standing";
import { seedToday } from "./today";

/** Numbers that look random but are the same for every seed (mulberry32). */
function sequence(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Ninety days of use, made by the real operations with real codes. `clock` moves ahead of each. */
export async function seedHistory(
  database: Database,
  keys: EncryptionKeys,
  organisation: Organisation,
  clock: { now: Date },
  end: Date,
): Promise<void> {
  const random = sequence(7);
  const demo = openDemo(database, keys, organisation, clock);
  const { people, resource, key, callerOf, must } = demo;
  const owner = await callerOf(key("owner"));
  const production = resource("Contoso Production");
  const staging = resource("Contoso Staging");
  const assign = await seedAccess(demo, owner);
  const eligibilities = await database.client.eligibility.findMany({
    where: {
      principal: {
        type: "User",
        email: { notIn: [...organisation.byKey.values()].map((person) => person.email) },
      },
    },
    select: { id: true, principalId: true, resourceId: true, roleDefinitionId: true },
    orderBy: { id: "asc" },
    take: 100,
  });
  await seedEndingSoon(assign, organisation, resource);
  const [first, second] = people.slice(27, 29);
  if (!first || !second) throw new Error("the demo organisation has too few people");
  await assign("Eligible", roles.userAccessAdministrator, production, [first.id, second.id], 365);
  const reduceStanding = await seedStanding(demo, assign, end);
  const approvalsUntil = seedApprovals(
    {
      demo,
      administrator: owner,
      productionId: production,
      stagingId: staging,
      roleDefinitionId: roles.userAccessAdministrator,
      approver: key("approver"),
      requester: key("requester"),
      colleagues: [first, second],
    },
    clock.now,
    end,
  );
  const reasons = [
    "Deploy release",
    "Investigate alert",
    "Rotate certificate",
    "Restore backup",
    "Scale out for campaign",
    "Review configuration",
  ];
  const callers = new Map<string, Caller>();
  const advanceReviews = demoReviews(database, clock, {
    administrator: owner,
    reviewer: await callerOf(key("approver")),
    stagingId: staging,
    productionId: production,
    platformId: resource("Platform"),
    sandboxId: resource("Contoso Sandbox"),
    begin: clock.now,
  });
  let conflictsMade = false;
  for (let day = addDays(clock.now, 1); day < addMinutes(end, -600); day = addDays(day, 1)) {
    if (day.getUTCDay() === 0 || day.getUTCDay() === 6) continue;
    if (!conflictsMade && day > addDays(end, -20)) {
      conflictsMade = true;
      clock.now = new Date(new Date(day).setUTCHours(6, 0, 0, 0));
      await seedConflicts(demo, { excepted: first, waiting: second }, end);
    }
    const times = Array.from(
      { length: 2 + Math.floor(random() * 3) },
      () => 420 + Math.floor(random() * 480),
    ).sort((a, b) => a - b);
    for (const minutes of times) {
      const midnight = new Date(day);
      midnight.setUTCHours(0, 0, 0, 0);
      await approvalsUntil(addMinutes(midnight, minutes));
      clock.now = addMinutes(midnight, minutes);
      await recordExpiries(database);
      await advanceReviews();
      await reduceStanding();
      // Only events of the last days are notified.
      if (clock.now < addDays(end, -3)) await database.client.outboxEntry.deleteMany();
      const eligibility = eligibilities[Math.floor(random() * eligibilities.length)];
      const person = people.find((each) => each.id === eligibility?.principalId);
      if (!eligibility || !person?.totpSecret || clock.now > addMinutes(end, -600)) continue;
      // No session lasts longer than a day.
      const session = `${person.id} ${midnight.toISOString()}`;
      const caller = callers.get(session) ?? (await callerOf(person));
      callers.set(session, caller);
      const input = {
        eligibilityId: eligibility.id,
        resourceId: eligibility.resourceId,
        startsAt: null,
        durationMinutes: 60 * (1 + Math.floor(random() * 4)),
      };
      const typed = random() < 0.06 ? "000000" : undefined;
      const proofId = await demo.prove(
        person,
        caller,
        { kind: "ActivateRole", ...input, startsAt: null },
        typed,
      );
      const justification = random() < 0.05 ? "" : (reasons[Math.floor(random() * reasons.length)] ?? "");
      const result = await activateRole(database, caller, {
        ...input,
        justification,
        ticketNumber: null,
        ticketSystem: null,
        proofId,
      });
      if (clock.now >= addDays(end, -3)) await deliverNotifications(database, { mail: false });
      if (result.ok && result.status === "Provisioned" && random() < 0.4) {
        clock.now = addMinutes(clock.now, 35);
        must(await deactivateRole(database, caller, { assignmentId: result.assignmentId }));
      }
    }
  }

  await approvalsUntil(addMinutes(end, -560));
  await seedDaily(demo, addMinutes(end, -560));
  await approvalsUntil(end);
  await seedExports(demo, end);
  await seedImports(demo, end);
  await seedToday(demo, end);
  await seedWaitingRequests(database, organisation, callerOf, end);
}
