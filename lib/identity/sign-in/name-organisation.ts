import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a set-up is open is checked after this wait, by a statement that sees an Owner whom somebody
 * created meanwhile.
 */
export const lockInstallation = (transaction: Transaction) =>
  transaction.$queryRaw`SELECT id FROM installation FOR UPDATE`;

/**
 * The organisation, which is the root, locked with the installation. Set-ups that run at once wait for
 * each other in this order.
 */
export async function lockOrganisation(transaction: Transaction) {
  const root = await transaction.resource.findFirstOrThrow({ where: { parentId: null } });
  await transaction.$queryRaw`SELECT id FROM resources WHERE id = ${root.id}::uuid FOR NO KEY UPDATE`;
  await lockInstallation(transaction);
  return root;
}

/** Names the locked organisation and its time zone. `origin` is null if the operator of the server does it. */
export async function nameOrganisationIn(
  transaction: Transaction,
  root: Awaited<ReturnType<typeof lockOrganisation>>,
  after: { readonly displayName: string; readonly timeZone: string },
  origin: Origin | null,
): Promise<void> {
  const { displayName, timeZone } = after;
  const { timeZone: before } = await transaction.installation.findUniqueOrThrow({
    where: { id: 1 },
    select: { timeZone: true },
  });
  const resource = await transaction.resource.update({ where: { id: root.id }, data: { displayName } });
  await transaction.$executeRaw`
    UPDATE installation SET time_zone = ${timeZone}, organisation_named_at = postern_now(), version = version + 1`;
  await recordAuditEvent(transaction, {
    ...{ kind: "OrganisationUpdated", outcome: "Success", caller: origin ?? {}, resource },
    details: {
      ...(origin ? { bySetUp: true } : { byOperator: true }),
      before: { displayName: root.displayName, timeZone: before },
      after,
    },
  });
}
