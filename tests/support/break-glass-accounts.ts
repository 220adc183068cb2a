import { createHash, randomUUID } from "node:crypto";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { Database } from "@/lib/platform/database";
import { grant, makeUser } from "./factories";

interface Place {
  readonly database: Database;
  readonly tree: { readonly root: { readonly id: string } };
}

/**
 * Everything that a break-glass account needs: a password, a passkey and Owner at the root, eligible or active.
 * The other accounts are removed from the list first, unless this is one `besides`.
 */
export async function readyAccount(
  { database, tree }: Place,
  how: { readonly access?: "eligible" | "active"; readonly hash?: string; readonly besides?: boolean } = {},
) {
  // The list is short.
  if (!how.besides) await database.client.breakGlassAccount.deleteMany();
  const user = await makeUser(database, "Gus Glass");
  await database.client.passwordCredential.create({ data: { userId: user.id, hash: how.hash ?? "none" } });
  await database.client.passkey.create({
    data: {
      userId: user.id,
      credentialId: new Uint8Array(createHash("sha256").update(randomUUID()).digest()),
      publicKey: new Uint8Array([1]),
      counter: 0n,
      ...{ backupEligible: false, backedUp: false, name: "Key in the safe" },
    },
  });
  const access = await grant(database, how.access ?? "eligible", user.id, ownerRoleId, tree.root.id);
  return { ...user, access };
}

/** The same, on the list of break-glass accounts, written without the verb. */
export async function listedAccount(
  place: Place,
  namedById: string,
  how: Parameters<typeof readyAccount>[1] = {},
) {
  const account = await readyAccount(place, how);
  const data = { userId: account.id, namedById, reason: "In the safe" };
  await place.database.client.breakGlassAccount.create({ data });
  return account;
}
