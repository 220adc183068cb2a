import pg from "pg";
import { addDays } from "@/lib/domain/time/schedule";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { readConfiguration } from "@/lib/platform/configuration";
import { openDatabase } from "@/lib/platform/database";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { demoAccounts, writeAccounts } from "./accounts";
import { seedBase } from "./base";
import { seedHistory } from "./history";
import { seedOrganisation } from "./organisation";

// Run by `npm start` when an installation has not been seeded, on a database that serves nobody yet. An interrupted
// demo is begun again by the start script on an emptied database.
const folder = process.env.POSTERN_DATA_DIR ?? ".postern";
const demo = process.env.POSTERN_DEMO === "1";
const { databaseUrl: url, encryptionKeys } = readConfiguration();
const end = new Date();
const clock = { now: addDays(end, -90) };
clock.now.setUTCHours(8, 0, 0, 0);
// Held while this process lives, so that a start after a killed one waits until nobody writes any more.
const seedLock = new pg.Client({ connectionString: url });
await seedLock.connect();
await seedLock.query("SELECT pg_advisory_lock($1)", [advisoryLocks.seeding]);
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 200).unref();
const database = openDatabase({ url, maximumConnections: 4, clock: () => clock.now });
try {
  await seedBase(database, demo ? "Contoso" : "Organisation");
  if (demo) {
    const accounts = demoAccounts(folder);
    const organisation = await seedOrganisation(database, encryptionKeys, accounts);
    for (const account of accounts) account.principalId = organisation.byKey.get(account.key)?.id ?? null;
    await seedHistory(database, encryptionKeys, organisation, clock, end);
    clock.now = end;
    await scanAlerts(database);
    await database.client.session.updateMany({ data: { endedAt: end } });
    writeAccounts(folder, accounts);
  }
  // As the owner: the application's role may not do this. The demo's newcomer sets up a factor without an administrator, and
  // what an administrator resets is reset at once.
  if (demo)
    await seedLock.query("UPDATE sign_in_rules SET first_factor = 'AnyoneSignedIn', reset_delay_hours = 0");
  await seedLock.query("UPDATE installation SET demo = $1, seeded_at = $2, seeding_since = NULL", [
    demo,
    end,
  ]);
} finally {
  await database.close();
  await seedLock.end();
}
