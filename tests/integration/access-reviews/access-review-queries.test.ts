import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import type { Caller } from "@/lib/platform/caller";
import {
  countReviewItems,
  itemsForMe,
  listReviewItems,
} from "@/lib/queries/access-reviews/access-review-items";
import {
  countAccessReviews,
  findAccessReview,
  listAccessReviews,
} from "@/lib/queries/access-reviews/access-reviews";
import { reviewsForMe } from "@/lib/queries/access-reviews/reviews-for-me";
import { rolesInUse } from "@/lib/queries/access-reviews/roles-in-use";
import { makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeRole, makeUser } from "../../support/factories";

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

const everything = { search: "", show: null, after: -1 } as const;
const person = async (name = "Somebody") => makeCaller(test.database, await makeUser(test.database, name));

/** A review of a new role that as many members hold, named in the order of their numbers. */
async function reviewOf(members: number, reviewerIds: string[], name = "Review") {
  const role = await makeRole(test.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const numbers = Array.from({ length: members }, (_, index) => String(index).padStart(3, "0"));
  const made = await test.database.client.principal.createManyAndReturn({
    data: numbers.map((number) => ({
      type: "User" as const,
      displayName: `Member ${number}`,
      email: `${randomUUID()}@contoso.example`,
    })),
    select: { id: true },
  });
  for (const { id } of made) await grant(test.database, "eligible", id, role.id, at.group.id);
  const reviewId = await startReview(test.database, at.administrator, {
    resourceId: at.group.id,
    roleDefinitionIds: [role.id],
    reviewers: "Selected",
    reviewerIds,
    name,
  });
  return { reviewId, roleName: role.roleName };
}

describe("a reviewer", () => {
  it("turns the pages of what they are asked to review", async () => {
    const { database } = test;
    const reviewer = await person();
    const made = [await reviewOf(1, [reviewer.userId]), await reviewOf(1, [reviewer.userId])];
    const [first, next] = await reviewsForMe(database, reviewer);
    expect([first?.total, next?.total]).toEqual([2, 2]);
    expect(new Set([first?.id, next?.id])).toEqual(new Set(made.map(({ reviewId }) => reviewId)));
    expect(await reviewsForMe(database, reviewer, first?.id)).toEqual([next]);
    expect(await reviewsForMe(database, reviewer, next?.id)).toEqual([]);
  });

  it("is asked for what they may decide on now, until the end to the moment, and nobody else is", async () => {
    const { database } = test;
    const [reviewer, other] = [await person(), await person()];
    const group = await makeGroup(database, [reviewer.userId], "Reviewers");
    const { reviewId } = await reviewOf(3, [group.id]);
    const asked = async (caller: Caller) =>
      (await reviewsForMe(database, caller)).map(({ id, items, decided }) => [id, items, decided]);
    expect(await asked(reviewer)).toEqual([[reviewId, 3, 0]]);
    expect(await asked(other)).toEqual([]);
    expect(await itemsForMe(database, other, reviewId, everything)).toBeNull();
    expect(await itemsForMe(database, reviewer, randomUUID(), everything)).toBeNull();
    const shown = await itemsForMe(database, reviewer, reviewId, everything);
    await decideAccessReview(database, reviewer, {
      reviewId,
      itemIds: [shown?.rows[0]?.id ?? ""],
      seen: new Map(),
      decision: "Deny",
      reason: null,
    });
    expect(await asked(reviewer)).toEqual([[reviewId, 3, 1]]);
    const unanswered = await itemsForMe(database, reviewer, reviewId, { ...everything, show: "NoAnswer" });
    expect(unanswered?.rows.map((row) => row.member.displayName)).toEqual(["Member 001", "Member 002"]);
    now = addDays(start, 14);
    expect(await asked(reviewer)).toEqual([]);
    expect(await itemsForMe(database, reviewer, reviewId, everything)).toMatchObject({ state: "Completed" });
    now = start;
    await database.client.groupMember.deleteMany({ where: { groupId: group.id } });
    expect(await asked(reviewer)).toEqual([]);
    expect(await itemsForMe(database, reviewer, reviewId, everything)).toBeNull();
  });
});

describe("an administrator", () => {
  it("reads the reviews of a resource where they may read assignments, and only there", async () => {
    const { database } = test;
    const reviewer = await person();
    const name = `Named ${randomUUID()}`;
    const { reviewId } = await reviewOf(2, [reviewer.userId], name);
    const filter = { search: name, state: "", after: "" } as const;
    const listed = async (caller: Caller, resourceId: string) => {
      const rows = await listAccessReviews(database, caller, resourceId, filter);
      expect(await countAccessReviews(database, caller, resourceId, filter)).toBe(rows.length);
      return rows;
    };
    expect(await listed(at.administrator, at.group.id)).toMatchObject([
      { id: reviewId, state: "InProgress", items: 2, decided: 0 },
    ]);
    expect(await listed(at.administrator, at.subscription.id)).toEqual([]);
    expect(await listed(reviewer, at.group.id)).toEqual([]);
    const found = (caller: Caller, resourceId: string) =>
      findAccessReview(database, caller, resourceId, reviewId);
    expect(await found(at.administrator, at.group.id)).toMatchObject({
      name,
      createdBy: { displayName: "Ada Admin" },
      items: 2,
    });
    // Through another resource that they may read, and through one that they may not.
    expect(await found(at.administrator, at.subscription.id)).toBeNull();
    expect(await found(reviewer, at.group.id)).toBeNull();
    expect(
      await listReviewItems(database, reviewer, { resourceId: at.group.id, reviewId }, everything),
    ).toEqual([]);
    now = addDays(start, 14);
    expect(await listed(at.administrator, at.group.id)).toMatchObject([{ state: "Completed" }]);
    const completed = { ...filter, state: "Completed" } as const;
    expect(await listAccessReviews(database, at.administrator, at.group.id, completed)).toHaveLength(1);
    const running = { ...filter, state: "InProgress" } as const;
    expect(await countAccessReviews(database, at.administrator, at.group.id, completed)).toBe(1);
    expect(await countAccessReviews(database, at.administrator, at.group.id, running)).toBe(0);
    expect(await listAccessReviews(database, at.administrator, at.group.id, running)).toEqual([]);
  });

  it("sees at a resource what was started above and includes it, as far as it lies there and below", async () => {
    const { database } = test;
    const name = `Wide ${randomUUID()}`;
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const [inside, outside] = [await person("Ines Inside"), await person("Oona Outside")];
    await grant(database, "eligible", inside.userId, role.id, at.group.id);
    await grant(database, "eligible", outside.userId, role.id, at.subscription.id);
    const wide = {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      reviewers: "Selected" as const,
      reviewerIds: [(await person("Rosa Reviewer")).userId],
    };
    const reviewId = await startReview(database, at.administrator, { ...wide, includeBelow: true, name });
    const narrow = await startReview(database, at.administrator, { ...wide, name });
    const local = await person("Lena Local");
    const reader = await makeRole(database, "Local reader", { actions: ["*/read"] });
    await grant(database, "active", local.userId, reader.id, at.group.id);
    const filter = { search: name, state: "", after: "" } as const;
    const place = { resourceId: at.group.id, reviewId };
    for (const caller of [local, at.administrator]) {
      expect(await listAccessReviews(database, caller, at.group.id, filter)).toEqual([
        expect.objectContaining({
          id: reviewId,
          items: 1,
          decided: 0,
          from: { id: at.subscription.id, displayName: "Production" },
        }),
      ]);
      const rows = await listReviewItems(database, caller, place, everything);
      expect(rows.map((row) => row.member.displayName)).toEqual(["Ines Inside"]);
      expect(await countReviewItems(database, caller, place, everything)).toBe(1);
      expect(await countReviewItems(database, caller, place, { ...everything, show: "Approve" })).toBe(0);
    }
    const seen = await findAccessReview(database, local, at.group.id, reviewId);
    expect(seen).toMatchObject({
      items: 1,
      from: { displayName: "Production", readable: false },
      createdBy: null,
      reviewers: null,
    });
    expect(seen?.decided(null)).toBe(1);
    expect(await findAccessReview(database, at.administrator, at.group.id, reviewId)).toMatchObject({
      from: { readable: true },
      createdBy: { displayName: "Ada Admin" },
      reviewers: [{ displayName: "Rosa Reviewer" }],
    });
    // Not at the resource where it was started, not at one above, and not by an unknown id.
    expect(await findAccessReview(database, local, at.subscription.id, reviewId)).toBeNull();
    const above = { resourceId: at.subscription.id, reviewId };
    expect(await listReviewItems(database, local, above, everything)).toEqual([]);
    expect(await findAccessReview(database, at.administrator, at.group.id, narrow)).toBeNull();
    expect(await findAccessReview(database, local, at.group.id, randomUUID())).toBeNull();
    expect(await listReviewItems(database, at.administrator, above, everything)).toHaveLength(2);
  });

  it("pages through the items in the order of names, each once, and searches them literally", async () => {
    const { database } = test;
    const { reviewId } = await reviewOf(120, [(await person()).userId]);
    const page = (after: number, search = "") =>
      listReviewItems(
        database,
        at.administrator,
        { resourceId: at.group.id, reviewId },
        { ...everything, search, after },
      );
    const names: string[] = [];
    let after = -1;
    for (let rows = await page(after); rows.length > 0; rows = await page(after)) {
      names.push(...rows.map((row) => row.member.displayName));
      after = rows.at(-1)?.position ?? after;
    }
    expect(names).toEqual(
      Array.from({ length: 120 }, (_, index) => `Member ${String(index).padStart(3, "0")}`),
    );
    expect((await page(-1, "member 01")).map((row) => row.member.displayName)).toHaveLength(10);
    expect(await page(-1, "%")).toEqual([]);
  });

  it("is offered the roles in use here and below, with how many hold them", async () => {
    const { database } = test;
    const { roleName } = await reviewOf(2, [(await person()).userId]);
    const shown = async (caller: Caller, resourceId: string) =>
      (await rolesInUse(database, caller, resourceId)).find((role) => role.roleName === roleName);
    expect(await shown(at.administrator, at.group.id)).toMatchObject({ here: 2, below: 0 });
    expect(await shown(at.administrator, at.subscription.id)).toMatchObject({ here: 0, below: 2 });
    expect(await rolesInUse(database, await person(), at.group.id)).toEqual([]);
  });
});
