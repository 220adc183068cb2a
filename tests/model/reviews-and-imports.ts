// Access that reviews remove and imports assign (docs/rules.md, "Reviews and imports").
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { makeProof } from "../support/factories";
import { type Action, type Choice, forbidden } from "./action";
import { assignmentTypeOf, lastOwner, lockOf, removeAccess } from "./assignment";
import { conflicts } from "./conflicts";
import { alreadyThere, assignmentRules, assignmentSettings, find, inEffect, may, reach } from "./rules";
import { always, day, done, named, type Outcome, record, type State } from "./state";
import { takesProof } from "./step-up";
import { asOutcome, type World } from "./world";

/** Bob, who holds nothing, reviews a role at a resource for Olga and denies one access; somebody applies it. */
export function review(state: State, choice: Choice): Action | null {
  const rows = state.access.filter(
    (each) =>
      each.kind !== "Activated" &&
      inEffect(each, state.now) &&
      state.principals[each.who]?.enabled &&
      !reach(state, "bob").has(each.who),
  );
  const row = choice.of(rows);
  const able = state.principals.bob?.enabled && may(state, "olga", "assign", "root");
  if (!row || !able) return null;
  const actor = choice.of(["olga", "olga", "una", "max"] as const);
  return {
    words: `a review denies ${row.who} ${row.role} at ${row.at} (${row.kind} ${row.id}), and ${actor} applies it`,
    actor,
    operation: null,
    locks: [lockOf(row)],
    apply(after) {
      const now = find(after, row.id);
      if (!now || !may(after, actor, "assign", now.at) || !may(after, actor, "makeEligible", now.at))
        return forbidden;
      if (now.until > after.now && now.until > now.from && !lastOwner(after, now))
        removeAccess(after, now, actor);
      return done;
    },
    async call(world, caller) {
      const reviewId = await deniedBy(world, state, row);
      return asOutcome(await applyAccessReview(world.database, caller, { reviewId }));
    },
  };
}

async function deniedBy(world: World, state: State, row: State["access"][number]): Promise<string> {
  const { database } = world;
  const [olga, bob] = [await world.caller(state, "olga"), await world.caller(state, "bob")];
  const made = await createAccessReview(database, olga, {
    name: "Who needs it",
    resourceId: world.id(row.at),
    includeBelow: false,
    description: null,
    inactiveDays: null,
    eachMember: false,
    roleDefinitionIds: [world.id(row.role)],
    covers: "Both",
    reviewers: "Selected",
    reviewerIds: [world.id("bob")],
    informedIds: [],
    startsAt: null,
    durationDays: 14,
    recurrence: "None",
    seriesEnd: { kind: "Never" },
    withoutAnswer: "Keep",
    applyAutomatically: false,
    justificationRequired: false,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const { reviewId } = made;
  const which = assignmentTypeOf(row) === "Eligible" ? "eligibilityId" : "assignmentId";
  const items = await database.client.accessReviewItem.findMany({
    where: { reviewId, [which]: world.id(row.id) },
  });
  const decided = await decideAccessReview(database, bob, {
    reviewId,
    itemIds: items.map(({ id }) => id),
    decision: "Deny",
    reason: "Not needed",
    seen: new Map(),
  });
  if (!decided.ok) throw new Error(JSON.stringify(decided.error));
  const stopped = await stopAccessReview(database, olga, { reviewId, reason: "Enough" });
  if (!stopped.ok) throw new Error(JSON.stringify(stopped.error));
  return reviewId;
}

/** Olga imports one direct assignment, with a code or without. */
export function importAssignment(_state: State, choice: Choice): Action {
  const who = choice.of(["mia", "max", "eve", "ann"] as const);
  const role = choice.of(["Reader", "Operator"] as const);
  const at = choice.of(["production", "web", "app", "staging"] as const);
  const [proved, capped] = [!choice.once(3), !choice.once(4)];
  return {
    words: `olga imports ${role} at ${at} for ${who}${proved ? " with a code" : ""}${capped ? ", capped" : ""}`,
    actor: "olga",
    operation: null,
    locks: [{ table: "role_management_policies", name: role, at }],
    apply(after) {
      const settings = assignmentSettings(after, role, at);
      const days = capped ? settings.activeDays : null;
      const until = days === null ? always : after.now + days * day;
      const row = { kind: "Assigned" as const, who, role, at, from: after.now, until };
      const takes = takesProof(after, "olga", settings, row);
      const rules = assignmentRules(settings, { ...row, reason: true, takesProof: takes, proved });
      const able = may(after, "olga", "assign", at) && after.principals[who]?.enabled;
      const soon = { ...row, until: always };
      if (!able || alreadyThere(after, soon) || conflicts(after, [row]) || rules.length > 0) return done;
      const about = named(after, "a");
      after.access.push({ ...row, id: about, basis: null, removed: false });
      const request = { who, role, at, about, start: after.now, proved: takes };
      record(after, { type: "AdminAssign", status: "Provisioned", asker: "olga", ...request });
      return done;
    },
    async call(world, caller): Promise<Outcome> {
      const { database } = world;
      const scope = `/subscriptions/${at}`;
      const rows = [{ principalId: world.id(who), principalType: "User", roleDefinitionName: role, scope }];
      const staged = await stageImport(database, caller, {
        kind: "RoleAssignments",
        fileName: "assignments.json",
        content: JSON.stringify(rows),
        capToMaximum: capped,
        group: null,
        removeMembers: false,
      });
      if (!staged.ok) return asOutcome(staged);
      const { importId } = staged;
      const found = await database.client.import.findUniqueOrThrow({ where: { id: importId } });
      const proofId = proved ? await makeProof(database, caller, applyImportOperation(found)) : null;
      await confirmImport(database, caller, { importId, justification: "Moving in", proofId });
      await applyImports(database);
      return done;
    },
  };
}
