import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { everything } from "../../support/database/everything";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeGroup, makeRole, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";
import type { Organisation } from "../../support/privileges";
import { groundAt, verbs } from "../../support/verbs/all";
import { type Attempt, type Ground, succeeded } from "../../support/verbs/verb";

const now = new Date("2026-03-02T09:00:00Z");
let at: Organisation;
let here: Ground;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  here = await groundAt(at, now, at.tree.subscription);
});
afterEach(async () => {
  const owners = [here.admin.userId, here.root.userId];
  await at.test.asOwner("UPDATE principals SET disabled_at = NULL WHERE id = ANY ($1)", [owners]);
  await at.test.asOwner("UPDATE assignments SET ends_at = NULL WHERE principal_id = ANY ($1)", [owners]);
});
afterAll(() => at.test.drop());

/** Traces of a proof, notices to administrators about attempts, and the state of the caller themselves. */
const asides = ["step_up_challenges", "step_up_proofs", "notification_outbox", "principals"];
/** A review that is being applied is held for another administrator when the right ends: that is not a refusal. */
const ofHeldReviews = ["access_reviews", "access_review_items"];

/** Verbs that people use for themselves, without the right of an administrator, approver or reviewer. */
const ofOneself = new Set([
  "activate-role",
  "activate-roles",
  "deactivate-role",
  "deactivate-roles",
  "extend-activation",
  "provision-request",
  "break-glass",
  "request-extension",
  "request-renewal",
  "stop-factor-reset",
  // Its mail has already been sent when it waits for the log. It goes to the caller only, and contains nothing
  // secret.
  "send-test-mail",
]);

/**
 * Runs a verb until it waits for the log, the last lock of all, removes the right that its caller acts by, and
 * lets it continue. Returns whether it had any effect.
 */
async function meanwhile(attempt: Attempt, revoke: () => Promise<unknown>): Promise<boolean> {
  const result = await whileItWaits(() => attempt.call(attempt.caller, attempt.input), revoke);
  const held = typeof result === "object" && result !== null && "held" in result && result.held;
  return succeeded(result) && !held;
}

/** The verb's answer when something else happens while it waits for the log, the last of its locks. */
async function whileItWaits<Result>(
  run: () => Promise<Result>,
  happens: () => Promise<unknown>,
): Promise<Result> {
  const log = await holdLock(at.test, "LOCK TABLE audit_events IN SHARE ROW EXCLUSIVE MODE", []);
  const answer = run();
  answer.catch(() => undefined);
  try {
    await log.waitedFor();
    await happens();
  } finally {
    await log.release();
  }
  return answer;
}

const disable = ({ caller }: Attempt) =>
  at.test.asOwner("UPDATE principals SET disabled_at = $2 WHERE id = $1", [caller.userId, now]);

const withRights = Object.entries(verbs).filter(([, { file }]) => !ofOneself.has(file));

describe.each(withRights)("%s", (_, { arrange, file }) => {
  it("comes to nothing when its caller is disabled while it waits", async () => {
    const attempt = await arrange(here);
    const leftOut = [...asides, ...(file === "apply-access-review" ? ofHeldReviews : [])];
    const before = await everything(at.test, leftOut);
    expect(await meanwhile(attempt, () => disable(attempt))).toBe(false);
    expect(await everything(at.test, leftOut)).toEqual(before);
  });

  it("comes to nothing when its caller loses their role while it waits", async () => {
    const attempt = await arrange(here);
    const { userId } = attempt.caller;
    const roles =
      "FROM assignments WHERE principal_id = $1 AND assignment_type = 'Assigned' AND ends_at IS NULL";
    const { rowCount } = await at.test.asOwner(`SELECT ${roles}`, [userId]);
    if (!rowCount) return;
    const done = await meanwhile(attempt, () =>
      at.test.asOwner(`UPDATE assignments SET ends_at = $2 WHERE id IN (SELECT id ${roles})`, [userId, now]),
    );
    expect(done).toBe(false);
  });
});

describe("while a verb waits", () => {
  const shorten = (caller: Caller, endsAt: Date) =>
    at.test.asOwner("UPDATE assignments SET ends_at = $2 WHERE principal_id = $1", [caller.userId, endsAt]);
  const reader = () => makeRole(at.database, "Reader", { actions: ["*/read"] });
  const because = { justification: "As agreed" };

  it("whoever a sign-in is issued for becomes powerful: it is refused", async () => {
    const { caller } = await at.peopleManager();
    const user = await makeUser(at.database);
    const signIn = { kind: "OneTimePassword" as const, passwordHash: "-" };
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: user.id }, caller);
    const input = { principalId: user.id, signIn, proofId, ...because };
    const result = await whileItWaits(
      () => issueSignIn(at.database, caller, input),
      () => grant(at.database, "active", user.id, ownerRoleId, at.tree.group.id),
    );
    expect(result).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await at.database.client.passwordCredential.count({ where: { userId: user.id } })).toBe(0);
  });

  it("a new sign-in is issued: who changes the password in a session that ended by it sets none", async () => {
    const caller = await at.person("Ada Byron");
    const { userId } = caller;
    const hash = await hashPassword("Correct horse 17");
    await at.database.client.passwordCredential.create({ data: { userId, hash } });
    const held = await holdLock(at.test, "SELECT FROM password_credentials WHERE user_id = $1 FOR UPDATE", [
      userId,
    ]);
    const changing = changePassword(at.database, caller, {
      currentPassword: "Correct horse 17",
      newPassword: "Another battery 18",
    });
    await held.waitedFor();
    await at.test.asOwner("UPDATE sessions SET ended_at = $2 WHERE user_id = $1", [userId, now]);
    await held.release();
    expect(await changing).toMatchObject({ ok: false });
    expect(await at.database.client.passwordCredential.findUnique({ where: { userId } })).toMatchObject({
      hash,
    });
  });

  it("the giver's own authority is cut short: giving what outlasts it takes a code", async () => {
    const { id: roleDefinitionId } = await reader();
    const user = await makeUser(at.database);
    const input = {
      assignmentType: "Active" as const,
      roleDefinitionId,
      resourceId: here.place.id,
      principalIds: [user.id],
      startsAt: null,
      endsAt: addDays(now, 30),
      proofId: null,
      ...because,
    };
    const result = await whileItWaits(
      () => assignRole(at.database, here.admin, input),
      () => shorten(here.admin, addDays(now, 1)),
    );
    expect(result).toMatchObject(refusedBy("MfaRule"));
  });

  it("the decider comes to gain from the request: it is their own", async () => {
    const attempt = await verbs["approving an extension"].arrange(here);
    const { requestId } = z.object({ requestId: z.string() }).parse(attempt.input);
    const request = await at.database.client.request.findUniqueOrThrow({ where: { id: requestId } });
    const group = await makeGroup(at.database, []);
    await at.test.asOwner("UPDATE eligibilities SET principal_id = $2 WHERE id = $1", [
      request.eligibilityId,
      group.id,
    ]);
    await at.database.client.groupMember.create({
      data: { groupId: group.id, memberId: request.requestorId },
    });
    await at.test.asOwner("UPDATE requests SET principal_id = $2 WHERE id = $1", [requestId, group.id]);
    const join = { data: { groupId: group.id, memberId: attempt.caller.userId } };
    const result = await whileItWaits(
      () => attempt.call(attempt.caller, attempt.input),
      () => at.database.client.groupMember.create(join),
    );
    expect(result).toMatchObject(refusedWith("OwnRequest"));
  });

  it("an import's administrator loses the right: the worker leaves what is left", async () => {
    const imports = await makeImports(() => now);
    const { caller, assignment } = await imports.peopleManager();
    const rows = [{ userPrincipalName: "nina@contoso.example", displayName: "Nina New" }];
    const importId = await imports.stage("Users", rows, { caller });
    await imports.confirm(importId, null, caller);
    const log = await holdLock(imports.test, "LOCK TABLE audit_events IN SHARE ROW EXCLUSIVE MODE", []);
    const applied = applyImports(imports.database);
    await log.waitedFor();
    await imports.test.asOwner("UPDATE assignments SET ends_at = $2 WHERE id = $1", [assignment.id, now]);
    await log.release();
    await applied;
    expect(await imports.rowsOf(importId)).toMatchObject([{ state: "Pending" }]);
    await imports.test.drop();
  });

  it("nothing happens: whoever removes their own role still does, and those above whom it came from", async () => {
    const caller = await at.person("Otto Owner");
    const group = await makeGroup(at.database, [caller.userId]);
    const own = await grant(at.database, "active", caller.userId, ownerRoleId, at.tree.group.id);
    const ofGroup = await grant(at.database, "active", group.id, ownerRoleId, at.tree.subscription.id);
    for (const { id } of [own, ofGroup])
      expect(
        await removeAssignment(at.database, caller, { assignmentType: "Active", id, ...because }),
      ).toMatchObject({ ok: true });
  });

  it("nothing happens: whoever manages people takes themselves out of the group that lets them", async () => {
    const { caller, assignment } = await at.peopleManager();
    const group = await makeGroup(at.database, [caller.userId]);
    await at.test.asOwner("UPDATE assignments SET principal_id = $2 WHERE id = $1", [
      assignment.id,
      group.id,
    ]);
    const membership = { groupId: group.id, memberId: caller.userId, ...because };
    await grant(at.database, "active", caller.userId, ownerRoleId, at.tree.root.id, {
      endsAt: addDays(now, 1),
    });
    expect(await removeGroupMember(at.database, caller, membership)).toMatchObject({ ok: true });
  });
});

describe("verbs", () => {
  const folder = join(import.meta.dirname, "../../../lib/operations");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.ts$/.test(path),
  );

  it("ask for rights where they are asked again before the commit", () => {
    // The button of an alert reads first, and leaves all changes to verbs that check rights by themselves.
    const looking = new Set(["fix-alert.ts"]);
    const faults = files.filter(
      (path) =>
        !looking.has(basename(path)) &&
        /import [^;]*\b(may|permissionsAt|permissionsAtEach|privilegesOf\w*|privilegesByPrincipal)\b[^;]* from "@\/lib\/authority\/(authority|privileges-of)"/.test(
          readFileSync(join(folder, path), "utf8"),
        ),
    );
    expect(faults).toEqual([]);
  });
});
