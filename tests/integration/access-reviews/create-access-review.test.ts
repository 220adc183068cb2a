import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { eventsOf, itemsOf, makeReviewed, reviewInput, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
});
beforeEach(() => {
  now = start;
});
afterAll(() => test.drop());

const long = { startsAt: addDays(start, -200) };

/** A role of the test's own, so that a review of it contains nothing of other tests. */
const ownRole = () => makeRole(test.database, `Role ${randomUUID()}`, { actions: ["*/read"] });

async function useEligibility(eligibilityId: string, principalId: string, roleId: string, daysAgo: number) {
  const startsAt = addDays(start, -daysAgo);
  await pastTheRules(test.database, (to) =>
    to.assignment.create({
      data: {
        principalId,
        roleDefinitionId: roleId,
        resourceId: at.subscription.id,
        assignmentType: "Activated",
        eligibilityId,
        startsAt,
        endsAt: new Date(startsAt.getTime() + 3_600_000),
      },
    }),
  );
}

describe("what is under review", () => {
  it("is written down as it is at the start, with last use and what it recommends", async () => {
    const { database } = test;
    const role = await ownRole();
    const [used, idle, fresh] = await Promise.all(
      ["Una Used", "Ida Idle", "Finn Fresh"].map((name) => makeUser(database, name)),
    );
    if (!used || !idle || !fresh) throw new Error("three people");
    const first = await grant(database, "eligible", used.id, role.id, at.subscription.id, long);
    const second = await grant(database, "eligible", idle.id, role.id, at.subscription.id, long);
    await grant(database, "eligible", fresh.id, role.id, at.subscription.id);
    await useEligibility(first.id, used.id, role.id, 3);
    await useEligibility(second.id, idle.id, role.id, 40);
    const below = await grant(database, "active", idle.id, role.id, at.group.id, long);
    await grant(database, "eligible", idle.id, role.id, at.root.id, long);
    await grant(database, "active", fresh.id, role.id, at.subscription.id, {
      startsAt: addDays(start, 5),
    });

    const reviewId = await startReview(database, at.administrator, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      includeBelow: true,
    });
    await pastTheRules(database, (to) =>
      to.eligibility.update({ where: { id: first.id }, data: { endsAt: now } }),
    );
    const items = await itemsOf(database, reviewId);
    expect(
      items.map((item) => [
        item.principal.displayName,
        item.eligibilityId ? "Eligible" : "Active",
        item.recommendation,
        item.recommendationReason,
        item.lastUsedAt?.toISOString() ?? null,
      ]),
    ).toEqual([
      ["Finn Fresh", "Eligible", "Approve", "New", null],
      ["Ida Idle", "Eligible", "Deny", "Unused", addDays(start, -40).toISOString()],
      ["Ida Idle", "Active", "Deny", "Unused", null],
      ["Una Used", "Eligible", "Approve", "Used", addDays(start, -3).toISOString()],
    ]);
    expect(items[2]?.assignmentId).toBe(below.id);
    const [event] = await eventsOf(database, reviewId);
    expect(event).toMatchObject({ kind: "AccessReviewStarted", actorId: at.administrator.userId });
    expect(event?.details).toMatchObject({ items: 4, endsAt: addDays(start, 14).toISOString() });
  });

  it("is only what it covers, of the resource alone unless it says otherwise", async () => {
    const { database } = test;
    const role = await ownRole();
    const person = await makeUser(database);
    await grant(database, "eligible", person.id, role.id, at.subscription.id, long);
    await grant(database, "active", person.id, role.id, at.subscription.id, long);
    await grant(database, "active", person.id, role.id, at.group.id, long);
    const count = async (covers: "Eligible" | "Active" | "Both") =>
      (
        await itemsOf(
          database,
          await startReview(database, at.administrator, {
            resourceId: at.subscription.id,
            roleDefinitionIds: [role.id],
            covers,
          }),
        )
      ).map((item) => (item.eligibilityId ? "Eligible" : "Active"));
    expect(await count("Eligible")).toEqual(["Eligible"]);
    expect(await count("Active")).toEqual(["Active"]);
    expect((await count("Both")).sort()).toEqual(["Active", "Eligible"]);
  });

  it("counts a member's sign-in as use of what their group holds, and a disabled account as none", async () => {
    const { database } = test;
    const role = await ownRole();
    const member = await makeCaller(database, await makeUser(database));
    const group = await makeGroup(database, [member.userId], "A group");
    const gone = await makeCaller(database, await makeUser(database, "Gone"));
    await grant(database, "active", group.id, role.id, at.subscription.id, long);
    await grant(database, "active", gone.userId, role.id, at.subscription.id, long);
    await database.client.principal.update({ where: { id: gone.userId }, data: { disabledAt: start } });
    const reviewId = await startReview(database, at.administrator, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
    });
    expect((await itemsOf(database, reviewId)).map((item) => item.recommendationReason)).toEqual([
      "Used",
      "Disabled",
    ]);
  });
});

describe("who may start one", () => {
  it("takes the rights to remove what it covers, at that resource", async () => {
    const { database } = test;
    const reader = await makeCaller(database, await makeUser(database));
    await grant(database, "active", reader.userId, at.reader.id, at.subscription.id);
    const stranger = await makeCaller(database, await makeUser(database));
    const refused = (caller: typeof reader, resourceId: string) =>
      createAccessReview(database, caller, reviewInput({ resourceId }));
    expect(await refused(reader, at.subscription.id)).toMatchObject({
      ok: false,
      error: { code: "AuthorizationFailed" },
    });
    expect(await refused(stranger, at.subscription.id)).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
    expect(await refused(at.administrator, at.root.id)).toMatchObject({
      ok: false,
      error: { code: "AuthorizationFailed" },
    });
    const logged = await database.client.auditEvent.count({
      where: { kind: "AccessReviewStarted", outcome: "Failure", actorId: reader.userId },
    });
    expect(logged).toBe(1);
  });

  it("names every fault of the plan, and nothing of it stays", async () => {
    const { database } = test;
    const service = await database.client.principal.create({
      data: { type: "ServicePrincipal", displayName: "Robot" },
    });
    const result = await createAccessReview(
      database,
      at.administrator,
      reviewInput({
        resourceId: at.subscription.id,
        name: "",
        roleDefinitionIds: [randomUUID()],
        reviewerIds: [service.id],
        durationDays: 0.5,
      }),
    );
    if (result.ok || result.error.code !== "InvalidAccessReview") throw new Error("it must be refused");
    expect(result.error.faults.map((fault) => fault.field)).toEqual([
      "name",
      "durationDays",
      "roleDefinitionIds",
      "reviewerIds",
    ]);
    const empty = await createAccessReview(
      database,
      at.administrator,
      reviewInput({
        resourceId: at.subscription.id,
        name: "Nothing there",
        roleDefinitionIds: [(await ownRole()).id],
      }),
    );
    expect(empty).toMatchObject({ ok: false, error: { code: "InvalidAccessReview" } });
    expect(await database.client.accessReview.count({ where: { name: "Nothing there" } })).toBe(0);
  });

  it("has at most two thousand items, said plainly; a planned one that has grown beyond is stopped", async () => {
    const { database } = test;
    const role = await ownRole();
    await test.asOwner(`
      WITH people AS (
        INSERT INTO principals (type, display_name, email)
        SELECT 'User', 'Many ' || n, 'many' || n || '@contoso.example' FROM generate_series(1, 2001) n RETURNING id)
      INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
      SELECT id, '${role.id}', '${at.subscription.id}', '2026-01-01' FROM people`);
    const input = { resourceId: at.subscription.id, roleDefinitionIds: [role.id] };
    const result = await createAccessReview(database, at.administrator, reviewInput(input));
    if (result.ok || result.error.code !== "InvalidAccessReview") throw new Error("it must be refused");
    expect(result.error.faults[0]?.message).toContain("more than 2,000 items");

    const planned = await startReview(database, at.administrator, { ...input, startsAt: addDays(start, 1) });
    now = addDays(start, 1);
    await advanceAccessReviews(database);
    const review = await database.client.accessReview.findUniqueOrThrow({ where: { id: planned } });
    expect(review).toMatchObject({ state: "Stopped", stoppedById: null });
    expect(review.stopReason).toContain("more than 2,000 items");
    await test.asOwner(
      `UPDATE eligibilities SET ends_at = '2026-02-01' WHERE principal_id = (
        SELECT id FROM principals WHERE email = 'many1@contoso.example')`,
    );
    expect(await itemsOf(database, await startReview(database, at.administrator, input))).toHaveLength(2000);
  });
});
