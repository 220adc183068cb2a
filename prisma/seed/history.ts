import { generateSync } from "otplib";
import { emptyApprovalStage } from "@/lib/domain/approval-settings";
import { defaultRoleSettings } from "@/lib/domain/role-settings";
import { addDays, addMinutes } from "@/lib/domain/schedule";
import { createSession } from "@/lib/identity/sessions";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up";
import { activateRole } from "@/lib/operations/activate-role";
import { assignRole } from "@/lib/operations/assign-role";
import { deactivateRole } from "@/lib/operations/deactivate-role";
import { deliverNotifications } from "@/lib/operations/deliver-notifications";
import { recordExpiries } from "@/lib/operations/record-expiries";
import { updateRoleSettings } from "@/lib/operations/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";
import { seedApprovals } from "./approvals";
import { seedDaily } from "./daily";
import type { Organisation, Person } from "./organisation";
import { seedEndingSoon, seedWaitingRequests } from "./renewals";
import { demoReviews } from "./reviews";

const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  userAccessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
};

/** Numbers that look random and are the same at every seed (mulberry32). */
function sequence(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Ninety days of use, made by the real operations with real codes, `clock` moving ahead of each. */
export async function seedHistory(
  database: Database,
  keys: EncryptionKeys,
  organisation: Organisation,
  clock: { now: Date },
  end: Date,
): Promise<void> {
  const random = sequence(7);
  const id = (map: ReadonlyMap<string, string>, name: string) => {
    const found = map.get(name);
    if (!found) throw new Error(`the demo organisation has no ${name}`);
    return found;
  };
  const resource = (name: string) => id(organisation.resources, name);
  const key = (name: string): Person => {
    const person = organisation.byKey.get(name);
    if (!person) throw new Error(`the demo organisation has no ${name}`);
    return person;
  };
  const callerOf = async (person: Person): Promise<Caller> => {
    const origin = {
      ipAddress: `192.0.2.${10 + organisation.people.indexOf(person)}`,
      userAgent: "Demo history",
    };
    const session = await inTransaction(database, (transaction) =>
      createSession(transaction, person.id, origin),
    );
    return {
      userId: person.id,
      displayName: person.displayName,
      email: person.email,
      sessionId: session.sessionId,
      ...origin,
      correlationId: crypto.randomUUID(),
    };
  };
  const must = (result: { ok: boolean; error?: unknown }) => {
    if (!result.ok) throw new Error(`the demo history was refused: ${JSON.stringify(result.error)}`);
  };

  const owner = await callerOf(key("owner"));
  const production = resource("Contoso Production");
  const settings = async (roleDefinitionId: string, resourceId: string, changes: object) => {
    const input = {
      roleDefinitionId,
      resourceId,
      expectedVersion: 0,
      settings: { ...defaultRoleSettings, ...changes },
    };
    clock.now = addMinutes(clock.now, 1);
    const challenge = await createChallenge(database, owner, { kind: "UpdateRoleSettings", ...input });
    const code = generateSync({
      secret: key("owner").totpSecret ?? "",
      epoch: Math.floor(clock.now.getTime() / 1000),
    });
    const met =
      challenge && (await meetChallenge(database, keys, owner, { challengeId: challenge.challengeId, code }));
    must(await updateRoleSettings(database, owner, { ...input, proofId: met?.ok ? met.proofId : null }));
  };
  await settings(roles.reader, production, { activationRequiresMfa: false });
  await settings(roles.reader, resource("Contoso"), {
    activationRequiresMfa: false,
    activeMaximumDays: null,
    eligibleMaximumDays: null,
  });
  await settings(roles.owner, production, { activationMaximumMinutes: 240, assignmentRequiresMfa: true });
  await settings(roles.contributor, production, { assignmentRequiresMfa: true });
  await settings(roles.userAccessAdministrator, production, {
    activationRequiresTicket: true,
    approvalRequired: true,
    approvalStages: [{ ...emptyApprovalStage, approverIds: [key("approver").id, key("owner").id].sort() }],
    approvalRequiresStepUp: true,
  });

  const assign = async (
    assignmentType: "Eligible" | "Active",
    roleDefinitionId: string,
    resourceId: string,
    principalIds: string[],
    days: number | null,
  ) => {
    clock.now = addMinutes(clock.now, 3);
    const endsAt = days === null ? null : addDays(clock.now, days);
    must(
      await assignRole(database, owner, {
        assignmentType,
        roleDefinitionId,
        resourceId,
        principalIds,
        startsAt: null,
        endsAt,
        justification: "Team access as agreed",
        proofId: null,
      }),
    );
  };
  const people = organisation.people;
  await assign("Active", roles.reader, resource("Contoso"), [key("auditor").id], null);
  await assign("Active", roles.userAccessAdministrator, resource("Platform"), [key("approver").id], 180);
  await assign("Eligible", roles.owner, production, [key("eligible-owner").id], 365);
  await assign("Eligible", roles.contributor, production, [key("member").id, key("newcomer").id], 365);
  await assign("Eligible", roles.reader, production, [key("member").id], 365);
  await assign("Eligible", roles.userAccessAdministrator, production, [key("requester").id], 365);
  await assign(
    "Eligible",
    roles.contributor,
    production,
    [id(organisation.groups, "Platform Engineers"), ...people.slice(8, 12).map((person) => person.id)],
    365,
  );
  await assign(
    "Eligible",
    roles.reader,
    production,
    people.slice(12, 18).map((person) => person.id),
    365,
  );
  await assign(
    "Eligible",
    roles.contributor,
    resource("Contoso Staging"),
    people.slice(14, 22).map((person) => person.id),
    365,
  );
  await assign(
    "Eligible",
    roles.contributor,
    resource("Contoso Sandbox"),
    [id(organisation.groups, "Data Science")],
    180,
  );
  await assign(
    "Active",
    roles.reader,
    resource("prod-data"),
    [id(organisation.groups, "Database Operators")],
    180,
  );
  await assign(
    "Active",
    roles.reader,
    resource("Contoso Staging"),
    people.slice(20, 24).map((person) => person.id),
    90,
  );
  await assign(
    "Active",
    roles.contributor,
    resource("lab-ml"),
    people.slice(24, 27).map((person) => person.id),
    30,
  );

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
  const approvalsUntil = seedApprovals(
    {
      database,
      keys,
      clock,
      callerOf,
      resourceId: production,
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
    stagingId: resource("Contoso Staging"),
    productionId: production,
    platformId: resource("Platform"),
    begin: clock.now,
  });
  for (let day = addDays(clock.now, 1); day < addMinutes(end, -600); day = addDays(day, 1)) {
    if (day.getUTCDay() === 0 || day.getUTCDay() === 6) continue;
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
      // Only of the last days are people told.
      if (clock.now < addDays(end, -3)) await database.client.outboxEntry.deleteMany();
      const eligibility = eligibilities[Math.floor(random() * eligibilities.length)];
      const person = people.find((each) => each.id === eligibility?.principalId);
      if (!eligibility || !person?.totpSecret || clock.now > addMinutes(end, -600)) continue;
      const caller = callers.get(person.id) ?? (await callerOf(person));
      callers.set(person.id, caller);
      const input = {
        eligibilityId: eligibility.id,
        resourceId: eligibility.resourceId,
        startsAt: null,
        durationMinutes: 60 * (1 + Math.floor(random() * 4)),
      };
      const challenge = await createChallenge(database, caller, {
        kind: "ActivateRole",
        ...input,
        startsAt: null,
      });
      const right = generateSync({
        secret: person.totpSecret,
        epoch: Math.floor(clock.now.getTime() / 1000),
      });
      const code = random() < 0.06 ? "000000" : right;
      const met =
        challenge &&
        (await meetChallenge(database, keys, caller, { challengeId: challenge.challengeId, code }));
      const justification = random() < 0.05 ? "" : (reasons[Math.floor(random() * reasons.length)] ?? "");
      const result = await activateRole(database, caller, {
        ...input,
        justification,
        ticketNumber: null,
        ticketSystem: null,
        proofId: met?.ok ? met.proofId : null,
      });
      if (clock.now >= addDays(end, -3)) await deliverNotifications(database, { mail: false });
      if (result.ok && result.status === "Provisioned" && random() < 0.4) {
        clock.now = addMinutes(clock.now, 35);
        must(await deactivateRole(database, caller, { assignmentId: result.assignmentId }));
      }
    }
  }

  await seedDaily(database, keys, clock, {
    member: key("member"),
    caller: await callerOf(key("member")),
    resourceId: resource("prod-web"),
    productionId: production,
    at: addMinutes(end, -560),
  });
  await approvalsUntil(end);
  await seedWaitingRequests(database, organisation, callerOf, end);
}
