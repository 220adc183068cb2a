import { z } from "zod";
import { organisationName } from "@/lib/domain/notifications/organisation";
import { mailAddressField } from "@/lib/domain/people/mail-address-field";
import { displayNameField } from "@/lib/domain/people/principal";
import { isTimeZone } from "@/lib/domain/time/time-zone";
import { presentZone } from "@/lib/domain/time/zone-names";
import { createFirstOwner } from "@/lib/identity/sign-in/first-owner";
import { lockOrganisation, nameOrganisationIn } from "@/lib/identity/sign-in/name-organisation";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { becomeOwner } from "@/prisma/seed/base";

// Run by the start while there is no first Owner, with POSTERN_SETUP_EMAIL. Creates them without a password,
// which they choose at the set-up address, and names the organisation if a name is given. Runs as the owner of
// the tables.
const text = z.string().optional();
const settings = z
  .object({
    POSTERN_SETUP_EMAIL: mailAddressField,
    POSTERN_SETUP_NAME: text.transform((name) => name || "First Owner").pipe(displayNameField),
    POSTERN_SETUP_ORGANISATION: organisationName.optional(),
    POSTERN_SETUP_TIME_ZONE: text
      .transform((zone) => zone || "UTC")
      .refine(isTimeZone, "There is no such zone.")
      .transform(presentZone),
  })
  .safeParse(process.env);

async function main(): Promise<void> {
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw new Error(`${issue?.path.join(".")} cannot be used: ${issue?.message}`);
  }
  const given = settings.data;
  const database = openDatabase({ url: process.env.DATABASE_URL ?? "", maximumConnections: 1 });
  try {
    await inTransaction(database, async (transaction) => {
      // Somebody may finish a set-up at a replica that runs already. They wait here, or were first.
      const root = await lockOrganisation(transaction);
      const [first] = await transaction.$queryRaw<object[]>`SELECT FROM assignments LIMIT 1`;
      if (first) return;
      const displayName = given.POSTERN_SETUP_ORGANISATION;
      const timeZone = given.POSTERN_SETUP_TIME_ZONE;
      if (displayName !== undefined)
        await nameOrganisationIn(transaction, root, { displayName, timeZone }, null);
      const owner = { displayName: given.POSTERN_SETUP_NAME, email: given.POSTERN_SETUP_EMAIL };
      const { id } = await createFirstOwner(transaction, owner, null);
      await becomeOwner(transaction);
      await transaction.$executeRaw`UPDATE installation SET setup_owner_id = ${id}::uuid`;
    });
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
