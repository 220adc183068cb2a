import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import { renewOwnerPass } from "@/lib/identity/sign-in/owner-pass";
import { openDatabase } from "@/lib/platform/database";
import { installationOf } from "@/lib/server/database/installation";

// npm run owner-pass: a new one-time pass for the first Owner, for the case that the set-up address expired
// before a factor was set up. Run it where Postern runs. Without DATABASE_URL it asks the embedded database of
// a running Postern.
async function main(): Promise<void> {
  const database = openDatabase({ url: installationOf(process.env).databaseUrl(), maximumConnections: 1 });
  try {
    const { pass, passHash } = makeFactorPass();
    const made = await renewOwnerPass(database, passHash);
    if (!made)
      throw new Error(
        "There is nobody to make a pass for: there is no first Owner, or somebody has set up a factor already. Administrators make passes on the page of a person.",
      );
    console.log(`One-time pass of ${made.displayName} (${made.email}): ${pass}`);
    console.log(
      `Good once, until ${made.expiresAt.toISOString()}, beside the password. It is not shown again.`,
    );
  } finally {
    await database.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
