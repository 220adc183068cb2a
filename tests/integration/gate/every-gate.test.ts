import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { addMinutes } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration } from "../../support/administration";
import { everything } from "../../support/database/everything";
import { makeCaller, makeProof, pastTheRules } from "../../support/factories";
import { gatesOfAlways } from "../../support/gates/always";
import { gatesOfAssignments } from "../../support/gates/assignments";
import { gatesOfConflicts } from "../../support/gates/conflicts";
import { gatesOfDecisionRights } from "../../support/gates/decision-rights";
import { gatesOfDecisions } from "../../support/gates/decisions";
import { gatesOfDirectories } from "../../support/gates/directories";
import { gatesOfEligibility } from "../../support/gates/eligible";
import type { Gated, World } from "../../support/gates/gate";
import { gatesOfMembers } from "../../support/gates/members";
import { gatesOfPeople } from "../../support/gates/people";
import { gatesOfResources } from "../../support/gates/resources";
import { gatesOfSignIn } from "../../support/gates/sign-in";
import { undoing } from "../../support/gates/undoing";
import { nearMisses, otherKinds, protectedKinds } from "../../support/operation-variations";
import { setRules } from "../../support/sign-in-rules";

/** Every path that spends a proof. The last tests of this file ensure that none is missing. */
const gates = {
  ...gatesOfMembers,
  ...gatesOfAssignments,
  ...gatesOfDecisions,
  ...gatesOfPeople,
  ...gatesOfSignIn,
  ...gatesOfConflicts,
  ...gatesOfDecisionRights,
  ...gatesOfAlways,
  ...gatesOfEligibility,
  ...gatesOfDirectories,
  ...gatesOfResources,
};

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let world: World;
let undone: ReturnType<typeof undoing>;
beforeAll(async () => {
  const administration = await makeAdministration(() => now);
  undone = undoing(administration.database);
  world = { ...administration, database: undone.database, now: () => now };
});
beforeEach(() => {
  now = start;
});
afterAll(() => world.test.drop());

async function eventsAfter(sequence: bigint) {
  return world.database.client.auditEvent.findMany({
    where: { sequence: { gt: sequence } },
    orderBy: { sequence: "asc" },
  });
}
async function lastSequence(): Promise<bigint> {
  const last = await world.database.client.auditEvent.findFirst({ orderBy: { sequence: "desc" } });
  return last?.sequence ?? 0n;
}

/** Tries with each of these proofs. Each is refused for the proof alone, and only the event of the refusal is written. */
async function expectRefused(gated: Gated, proofs: Readonly<Record<string, string | null>>): Promise<void> {
  const [before, sequence] = [await everything(world.test), await lastSequence()];
  for (const [why, proofId] of Object.entries(proofs))
    expect(await gated.run(proofId), why).toEqual(["MfaRule"]);
  expect(await everything(world.test)).toEqual(before);
  const events = await eventsAfter(sequence);
  expect(events.length).toBeGreaterThanOrEqual(Object.keys(proofs).length);
  for (const event of events)
    expect(event).toMatchObject({
      outcome: "Failure",
      failedRules: ["MfaRule"],
      actorId: gated.caller.userId,
      sessionId: gated.caller.sessionId,
      proofId: null,
    });
}

const userOf = (caller: Caller) =>
  world.database.client.principal.findUniqueOrThrow({ where: { id: caller.userId } });
const prove = (caller: Caller, operation: ProtectedOperation) => makeProof(world.database, caller, operation);

/** Tries with a proof by that method. Everything is done that the right proof does, except for the commit. */
async function expectTaken({ caller, operation, run }: Gated, method: StepUpMethod): Promise<void> {
  const proof = await makeProof(world.database, caller, operation, method);
  expect(await undone.undo(proof, () => run(proof)), method).toBe("undone");
}

describe.each(Object.entries(gates))("%s", (_name, { arrange }) => {
  it("takes the one right proof, by a code or by a provider, and no other", async () => {
    const gated = await arrange(world);
    const { caller, operation } = gated;
    const client = world.database.client;
    expect(await createChallenge(world.database, caller, operation), "can be asked for").not.toBeNull();

    const expired = await prove(caller, operation);
    now = addMinutes(now, 5);
    const spent = await prove(caller, operation);
    await pastTheRules(world.database, (to) =>
      to.stepUpProof.update({ where: { id: spent }, data: { spentAt: now } }),
    );
    const elsewhere = await makeCaller(world.database, await userOf(caller));
    const stranger = await world.person("Sam Stranger");
    const useless: Record<string, string | null> = {
      none: null,
      unknown: randomUUID(),
      "five minutes old": expired,
      spent,
      "another session's": await prove(elsewhere, operation),
      "another person's": await prove(stranger, operation),
      "another person's in this session": await prove(
        { ...stranger, sessionId: caller.sessionId },
        operation,
      ),
    };
    for (const other of [...nearMisses(operation), ...otherKinds(operation).slice(0, 3)])
      useless[JSON.stringify(other)] = await prove(caller, other);
    await expectRefused(gated, useless);

    // Without a factor that counts, a first passkey requires no proof, only the rule for first factors.
    if (operation.kind !== "RegisterPasskey") {
      const excluded = await prove(caller, operation);
      await setRules(world.test, { authenticator_apps_confirm: false });
      expect(await gated.run(excluded), "a code of an app that is not accepted").toEqual(["MfaRule"]);
      await setRules(world.test, { authenticator_apps_confirm: true });
    }

    await expectTaken(gated, "IdentityProvider");
    const right = await prove(caller, operation);
    const sequence = await lastSequence();
    expect(await gated.run(right)).toBe("done");
    expect((await client.stepUpProof.findUniqueOrThrow({ where: { id: right } })).spentAt).toEqual(now);
    const events = await eventsAfter(sequence);
    expect(events.some((event) => event.outcome === "Success" && event.proofId === right)).toBe(true);

    const [after, logged] = [await everything(world.test), await lastSequence()];
    await gated.run(right);
    expect(await everything(world.test), "the same once more").toEqual(after);
    for (const event of await eventsAfter(logged)) expect(event.outcome).toBe("Failure");
  });
});

/** The kinds of operations that require a proof only if role settings ask for one. */
const bySettings = new Set<ProtectedOperation["kind"]>([
  ...(["ActivateRole", "ActivateRoles", "ExtendActivation", "ProvisionRequest", "BreakGlass"] as const),
  ...(["AssignRole", "AssignRoles", "UpdateAssignment", "ExtendAssignment", "RenewAssignment"] as const),
  ...(["ExtendAssignments", "RenewAssignments", "ApproveExtension", "ApproveExtensions"] as const),
  ...(["AddGroupMembers", "EnablePrincipal", "ApplyImport"] as const),
]);
const ofSettings = Object.entries({
  ...gatesOfMembers,
  ...gatesOfAssignments,
  ...gatesOfDecisions,
  ...gatesOfPeople,
  ...gatesOfEligibility,
}).filter(([, { kind }]) => bySettings.has(kind));

describe("where role settings accept only phishing-resistant factors", () => {
  it("every kind of operation that takes a proof by role settings is tried", () => {
    expect(new Set(ofSettings.map(([, { kind }]) => kind))).toEqual(bySettings);
  });

  it.each(ofSettings)("%s takes a passkey or such a provider, and no code", async (_name, { arrange }) => {
    const only = { activationPhishingResistant: true, assignmentPhishingResistant: true };
    const protectedRole: World["protectedRole"] = (settings, ...rest) =>
      world.protectedRole({ ...settings, ...only }, ...rest);
    const gated = await arrange({ ...world, protectedRole });
    const { caller, operation } = gated;
    // Rows with settings of their own.
    await pastTheRules(world.database, (to) => to.roleManagementPolicy.updateMany({ data: only }));
    const by = (method: StepUpMethod) => makeProof(world.database, caller, operation, method);
    await expectRefused(gated, {
      none: null,
      "a code": await by("Totp"),
      "a recovery code": await by("RecoveryCode"),
      "a provider's other ways to sign in": await by("IdentityProvider"),
    });
    await expectTaken(gated, "PhishingResistantProvider");
    expect(await gated.run(await by("Passkey"))).toBe("done");
  });
});

it("compares states of the database that differ once a row is added, written or removed", async () => {
  const states = [await everything(world.test)];
  for (const sql of [
    "INSERT INTO bundles (user_id, name) SELECT id, 'state' FROM principals LIMIT 1",
    "UPDATE bundles SET name = 'stated' WHERE name = 'state'",
    "DELETE FROM bundles WHERE name = 'stated'",
  ]) {
    expect((await world.test.asOwner(sql)).rowCount).toBe(1);
    states.push(await everything(world.test));
  }
  const [before, added, written, removed] = states.map(({ bundles }) => bundles);
  expect(new Set([before, added, written]).size).toBe(3);
  expect(removed).toBe(before);
});

/** Functions that spend a proof on behalf of a caller: their callers need a row. */
const spenders = ["spendProof", "proveBy", "grantAccess", "requireStepUp", "runBatch"];
const mechanisms = ["spend-proof.ts", "prove.ts", "grant-access.ts", "require-step-up.ts", "run-batch.ts"];

describe("the table", () => {
  const files = readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.includes("generated"))
    .map((path) => ({ path, text: readFileSync(join("lib", path), "utf8") }));

  it("has a row for every verb that spends a proof", () => {
    const calls = new RegExp(`\\b(${spenders.join("|")})\\(`);
    // A function's own declaration is not a call, and a batch without a proof spends none.
    const harmless = /function \w+\(|runBatch\(database, caller, null\b/g;
    const asking = files.flatMap(({ path, text }) => {
      const name = path.split("/").at(-1) ?? "";
      return calls.test(text.replaceAll(harmless, "")) && !mechanisms.includes(name) ? [name] : [];
    });
    expect(asking.length).toBeGreaterThan(15);
    const covered = new Set(Object.values(gates).map(({ file }) => file));
    expect(asking.filter((name) => !covered.has(name))).toEqual([]);
  });

  it("has a row for every kind of operation that a proof can be made for", () => {
    const kinds = new Set(Object.values(gates).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...protectedKinds].sort());
  });

  it("leaves no other way to make or spend a proof", () => {
    const calling = (name: string) =>
      files.filter(({ text }) => text.includes(`${name}(`)).map(({ path }) => path);
    expect(calling("spend_step_up_proof")).toEqual(["authority/spend-proof.ts"]);
    expect(calling("make_step_up_proof").toSorted()).toEqual([
      "identity/step-up/confirm-with-provider.ts",
      "identity/step-up/meet-with-passkey.ts",
      "identity/step-up/step-up.ts",
    ]);
    const writing = /(INTO|UPDATE|FROM)\s+step_up_proofs|stepUpProof\.(update|create|upsert|delete)/;
    // All only read.
    const reading = files.filter(({ text }) => writing.test(text)).map(({ path }) => path);
    expect(reading.toSorted()).toEqual([
      "authority/kept-proof.ts",
      "identity/factors/verify-factor.ts",
      "identity/sessions/sessions.ts",
      "platform/audit-log.ts",
    ]);
  });
});
