import { alertSettingsInForce } from "@/lib/authority/alert-settings-in-force";
import { type AlertFinding, type FoundAnew, movedTree } from "@/lib/authority/alerts/alert-finding";
import { assignedOutside, neverActivated, withoutMfa } from "@/lib/authority/alerts/find-access-alerts";
import { outlastsGiver } from "@/lib/authority/alerts/find-outlasting-access";
import { owners } from "@/lib/authority/alerts/find-owners";
import type { ResourceFacts } from "@/lib/authority/authority";
import { settingWords, weakensAlert } from "@/lib/domain/alerts/alert-setting";
import { type AlertKind, alertKinds } from "@/lib/domain/alerts/alerts";
import { mostAlertsOfMove } from "@/lib/domain/resources/move";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** How a move changes alerts. */
export interface AlertsOfMove {
  /** Kinds that would be raised less often at the resource. */
  readonly weaker: readonly AlertKind[];
  /** Kinds that would be raised more often at the resource, with their settings there in words. */
  readonly stricter: readonly { readonly kind: AlertKind; readonly before: string; readonly after: string }[];
  /**
   * Alerts at the resource and below that the next scan after the move would open. Of each kind, at
   * most one more than the limit.
   */
  readonly opening: readonly AlertFinding[];
}

type Finder = (transaction: Transaction, atOnce: number, tree: Prisma.Sql) => Promise<FoundAnew>;

/**
 * The kinds that follow from the state of a resource alone. Other kinds follow what people do or which
 * factors they have. A preview shows only the settings of those.
 */
const findersByState: Readonly<Partial<Record<AlertKind, Finder>>> = {
  TooManyOwners: (...found) => owners(found[0], "TooManyOwners", found[1], found[2]),
  TooManyPermanentOwners: (...found) => owners(found[0], "TooManyPermanentOwners", found[1], found[2]),
  EligibleNeverActivates: neverActivated,
  ActivationWithoutMfa: withoutMfa,
  AssignedOutside: assignedOutside,
  OutlastsGiver: outlastsGiver,
};

/** How moving a resource to a path changes the alerts there and below. The settings of the new place apply. */
export async function alertsOfMove(
  transaction: Transaction,
  resource: Pick<ResourceFacts, "path">,
  movedPath: string,
): Promise<AlertsOfMove> {
  const before = await alertSettingsInForce(transaction, resource.path);
  const after = await alertSettingsInForce(transaction, movedPath);
  const weaker = alertKinds.filter((kind) => weakensAlert(before(kind), after(kind)));
  const raised = alertKinds.filter((kind) => weakensAlert(after(kind), before(kind)));
  const opening: AlertFinding[] = [];
  for (const kind of raised) opening.push(...(await openedBy(transaction, kind, resource.path, movedPath)));
  return {
    weaker,
    stricter: raised.map((kind) => ({
      kind,
      before: settingWords(kind, before(kind)),
      after: settingWords(kind, after(kind)),
    })),
    opening,
  };
}

/** The alerts of a kind that only the new place raises. A scan would not find them where the resource lies now. */
async function openedBy(
  transaction: Transaction,
  kind: AlertKind,
  path: string,
  movedPath: string,
): Promise<readonly AlertFinding[]> {
  const find = findersByState[kind];
  if (!find) return [];
  const keyOf = ({ resourceId, subject }: AlertFinding) => `${resourceId} ${subject}`;
  const there = (await find(transaction, mostAlertsOfMove + 1, movedTree(path, movedPath))).fresh;
  if (there.length === 0) return [];
  const here = (await find(transaction, mostAlertsOfMove + 1, movedTree(path, path))).fresh;
  const known = new Set(here.map(keyOf));
  return there.filter((each) => !known.has(keyOf(each)));
}
