import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import {
  asOwner,
  asStarted,
  emptyDatabases,
  keyText,
  ownFolder,
  passphraseFile,
} from "../../support/database/backups";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeProof, makeRole, makeTree, makeUser } from "../../support/factories";
import { runCommand } from "../../support/processes/command";

const folder = ownFolder();
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
const databases = emptyDatabases();
beforeAll(async () => {
  test = await createTestDatabase();
  await asStarted(test.url);
  tree = await makeTree(test.database);
});
afterAll(async () => {
  await databases.drop();
  folder.remove();
  await test.drop();
});

/**
 * How often one member activates before the next takes over: nobody may deactivate more than fifty times within an
 * hour.
 */
const roundsOfOne = 20;

/**
 * Members who take turns in activating and deactivating. `acknowledged` are the requests that were answered with
 * success.
 */
function activating(roleId: string) {
  const { database } = test;
  const acknowledged: string[] = [];
  let going = true;
  async function turn(): Promise<void> {
    const user = await makeUser(database);
    const caller = await makeCaller(database, user);
    const { id: eligibilityId } = await grant(database, "eligible", user.id, roleId, tree.subscription.id);
    const what = { eligibilityId, resourceId: tree.subscription.id, startsAt: null, durationMinutes: 60 };
    const why = { justification: "Deploy", ticketNumber: null, ticketSystem: null };
    for (let round = 0; going && round < roundsOfOne; round++) {
      const proofId = await makeProof(database, caller, { kind: "ActivateRole", ...what });
      const made = await activateRole(database, caller, { ...what, ...why, proofId });
      if (!made.ok) throw new Error(JSON.stringify(made.error));
      acknowledged.push(made.requestId);
      if (made.status !== "PendingApproval")
        await deactivateRole(database, caller, { assignmentId: made.assignmentId });
    }
  }
  async function run(): Promise<void> {
    while (going) await turn();
  }
  const running = run();
  // When it is stopped, its failure fails the test. Before that, it must not end the process.
  running.catch(() => {});
  return {
    acknowledged,
    async stop() {
      going = false;
      await running;
    },
  };
}

/** The requests of activations in a database, and those of them that are complete: with access, event and spent proof. */
const activations = (url: string) =>
  asOwner(url, async (client) => {
    const ids = async (sql: string) => {
      const { rows } = await client.query<{ id: string }>(sql);
      return rows.map(({ id }) => id).sort();
    };
    return {
      all: await ids("SELECT id FROM requests WHERE request_type = 'SelfActivate'"),
      whole: await ids(`SELECT r.id FROM requests r JOIN audit_events e ON e.request_id = r.id
        JOIN assignments a ON a.id = e.assignment_id JOIN step_up_proofs p ON p.id = e.proof_id
        WHERE e.kind = 'RoleActivated' AND e.outcome = 'Success' AND p.spent_at IS NOT NULL`),
    };
  });

it("a backup under load has every change that was acknowledged before it, and each of them whole", async () => {
  const { database } = test;
  const role = await makeRole(database, "Contributor", { actions: ["*"] });
  const members = [1, 2, 3].map(() => activating(role.id));
  const acknowledged = () => members.flatMap((member) => member.acknowledged);
  await expect.poll(() => acknowledged().length, { timeout: 60_000 }).toBeGreaterThan(9);
  const path = folder.path("under-load");
  const passphrase = { POSTERN_BACKUP_PASSPHRASE_FILE: passphraseFile(folder.path("passphrase")) };
  const before = acknowledged();
  const made = await runCommand("backup", ["--with-keys", path], {
    ...{ DATABASE_URL: test.url, POSTERN_ENCRYPTION_KEYS: keyText, ...passphrase },
  });
  expect(made).toMatchObject({ code: 0, said: expect.stringContaining("The encryption keys are in it.") });
  await expect.poll(() => acknowledged().length, { timeout: 60_000 }).toBeGreaterThan(before.length + 3);
  for (const member of members) await member.stop();
  const { rows } = await test.asOwner("SELECT details FROM audit_events WHERE kind = 'BackupMade'");
  expect(rows).toMatchObject([{ details: { encrypted: true, withKeys: true } }]);

  // Everything is lost. The keys come with the backup.
  const url = await databases.make("lost");
  const kept = folder.path("kept");
  const environment = { DATABASE_URL: url, POSTERN_DATA_DIR: kept, ...passphrase };
  const restored = await runCommand("restore", [path], environment);
  expect(restored.code, restored.said).toBe(0);
  expect(restored.said).toMatch(
    /This goes back to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: [1-9]\d* people, [1-9]\d* eligibilities/,
  );
  expect(readFileSync(join(kept, "encryption-keys"), "utf8")).toBe(keyText);
  const found = await activations(url);
  expect(found.whole).toEqual(found.all);
  expect(before.filter((id) => !found.all.includes(id))).toEqual([]);
  expect(found.all.length).toBeLessThan(acknowledged().length);
});
