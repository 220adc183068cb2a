import { permissionsAtEach, visibleResource } from "@/lib/authority/authority";
import { judgeRestoration, type Restoration } from "@/lib/authority/judge-restoration";
import { judgeRetirement } from "@/lib/authority/judge-retirement";
import { findRetirement, type Retirement } from "@/lib/authority/restore-facts";
import type { RetireFacts } from "@/lib/authority/retire-facts";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";

/** How many rows of each list of a preview are shown. */
export const mostShown = 100;

type People = ReadonlyMap<string, PrincipalIdentity>;

export interface RetirePreview {
  readonly facts: RetireFacts;
  /** The principals of the rows that are shown, by id. */
  readonly people: People;
}

export interface RestorePreview extends Restoration {
  readonly retirement: Retirement;
  readonly parent: { readonly id: string; readonly displayName: string };
  readonly people: People;
}

/**
 * What retiring a resource would do, as the verb itself judges it. If it would be refused, why. Null
 * for what the caller may not know of.
 */
export function previewRetirement(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<RetirePreview | OperationError | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    if (!resource || resource.parentId === null) return null;
    const held = await permissionsAtEach(transaction, caller.userId, [resource.parentId]);
    if (!anyAllows(held.get(resource.parentId) ?? [], action.writeResources))
      return mayNot("the resource above it");
    const facts = await judgeRetirement(transaction, resource, (ids) =>
      permissionsAtEach(transaction, caller.userId, ids),
    );
    if ("code" in facts) return facts;
    const kinds = ["Active", "Activation", "Eligible", "Request"] as const;
    const shown = kinds.flatMap((kind) =>
      facts.ended.filter((each) => each.kind === kind).slice(0, mostShown),
    );
    return { facts, people: await peopleIn(transaction, shown) };
  });
}

/** The same for undoing a retirement. */
export function previewRestoration(
  database: Database,
  caller: Caller,
  retirementId: string,
): Promise<RestorePreview | OperationError | null> {
  return readOnce(database, async (transaction) => {
    const retirement = await findRetirement(transaction, retirementId);
    const parent = retirement && (await visibleResource(transaction, caller.userId, retirement.parentId));
    if (!retirement || !parent) return null;
    const held = (await permissionsAtEach(transaction, caller.userId, [parent.id])).get(parent.id) ?? [];
    if (!anyAllows(held, action.writeResources)) return null;
    const now = await databaseNow(transaction);
    const judged = await judgeRestoration(transaction, retirement, parent, held, now);
    if ("code" in judged) return judged;
    const shown = [true, false].flatMap((given) =>
      judged.rows.filter(({ staysClosed }) => (staysClosed === null) === given).slice(0, mostShown),
    );
    const people = await peopleIn(
      transaction,
      shown.map(({ access }) => access),
    );
    return { ...judged, retirement, parent: { id: parent.id, displayName: parent.displayName }, people };
  });
}

/** Why a retirement that was shown would be refused by now; null if it would not be. */
export async function retirementRefused(
  database: Database,
  caller: Caller,
  asked: { readonly resourceId: string; readonly preview: string },
): Promise<OperationError | null> {
  const preview = await previewRetirement(database, caller, asked.resourceId);
  if (preview === null || "code" in preview) return preview ?? unknown;
  return preview.facts.preview === asked.preview ? null : outdated;
}

/** Why undoing a retirement as it was shown would be refused by now; null if it would not be. */
export async function restorationRefused(
  database: Database,
  caller: Caller,
  asked: { readonly retirementId: string; readonly preview: string },
): Promise<OperationError | null> {
  const preview = await previewRestoration(database, caller, asked.retirementId);
  if (preview === null || "code" in preview) return preview ?? unknown;
  return preview.preview === asked.preview ? null : outdated;
}

const unknown: OperationError = {
  code: "NotFound",
  message: "This does not exist, or you have no access to it.",
};
const outdated: OperationError = {
  code: "StaleEdit",
  message: "What this does has changed since it was shown. Reload the page to see it as it is now.",
};

function mayNot(where: string): OperationError {
  const message = `You do not have authorization to perform ${action.writeResources} over ${where}.`;
  return { code: "AuthorizationFailed", message };
}

async function peopleIn(
  transaction: Transaction,
  shown: readonly { readonly principalId: string }[],
): Promise<People> {
  const identities = await identitiesOf(transaction, [
    ...new Set(shown.map(({ principalId }) => principalId)),
  ]);
  return new Map(identities.map((each) => [each.id, each]));
}
