import type { ResourceFacts } from "@/lib/authority/authority";
import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { parentScopeOf, type ResourceRow } from "@/lib/domain/imports/import-kinds";
import { above, missingAbove, nearestAbove, type Planned } from "@/lib/domain/imports/resources-above";
import { liesAnywhere } from "@/lib/domain/resources/own-path";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { impliedTypes, ownPathFault } from "@/lib/operations/imports/implied-types";
import {
  type About,
  adds,
  asShown,
  bad,
  changes,
  type Importer,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import { loadSiblings, type Named } from "@/lib/operations/imports/siblings";
import { retiredAmong } from "@/lib/operations/resources/retired-scopes";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { lockNames, nameKeys } from "@/lib/platform/sql/name-keys";

/**
 * Imports resources of any level. A resource that is only named by the paths of those below it is
 * created as well, if its path implies its type. Renaming requires the right at the resource; creating
 * requires it at the nearest one above. Nothing is moved, since that would move inherited access.
 */
export const importResources: Importer<ResourceRow> = async (context, items) => {
  const { transaction, caller, importId, write } = context;
  const scopes = items.map(({ data }) => data.scope);
  if (write) {
    await lockNames(transaction, "resource", ["import"]);
    await lockResources(transaction, scopes);
  }
  const wanted = items.flatMap(({ data }) => [data.scope, ...above(data)]);
  const known = await loadResources(transaction, wanted);
  const retired = await retiredAmong(
    transaction,
    wanted.filter((scope) => !known.has(sameNameKey(scope))),
  );
  const impliedType = await impliedTypes(transaction);
  const held = await permissionsUntilCommit(
    transaction,
    caller.userId,
    [...known.values()].map(({ id }) => id),
  );
  const mayWrite = ({ id }: ResourceFacts) => {
    context.takes({ resourceId: id, action: action.writeResources });
    return anyAllows(held.get(id) ?? [], action.writeResources);
  };
  const siblings = await loadSiblings(transaction, items, known);
  const twinOf = (parent: string, named: Named, own: Named | null): string | null =>
    own && is(own.displayName, named.displayName) && is(own.resourceType, named.resourceType)
      ? null
      : siblings.twin(parent, named);
  const planned = new Map<string, Planned>();
  const renamed: { resource: ResourceFacts; displayName: string; resourceType: string }[] = [];
  const verdicts: ImportVerdict[] = [];
  for (const item of items) {
    const { number, data } = item;
    const key = sameNameKey(data.scope);
    const parent = data.parentScope ?? parentScopeOf(data.scope) ?? "/";
    const existing = known.get(key);
    const fault = ownPathFault(existing ? { ...data, scope: existing.scope } : data, impliedType);
    if (fault !== null) {
      verdicts.push(bad(number, fault));
      continue;
    }
    if (existing) {
      const about = aboutResource(existing.id, existing.parentScope);
      const moved = data.parentScope !== null && !is(existing.parentScope ?? "", parent);
      const twin = twinOf(existing.parentScope ?? "", data, existing);
      if (existing.scope.toLowerCase() !== data.scope.toLowerCase()) {
        verdicts.push(bad(number, `This scope is known as ${existing.scope}. Use that spelling.`));
      } else if (twin !== null) {
        verdicts.push(bad(number, twin));
      } else if (moved) {
        verdicts.push(
          bad(number, `It is below ${existing.parentScope} here. Imports do not move resources.`),
        );
      } else if (existing.displayName === data.displayName && existing.resourceType === data.resourceType) {
        verdicts.push(unchanged(number, about));
      } else if (!mayWrite(existing)) {
        verdicts.push(
          bad(number, `You may not change ${isolated(existing.displayName)}: ${missingAt(existing)}`, about),
        );
      } else {
        const before = { displayName: existing.displayName, resourceType: existing.resourceType };
        const after = { displayName: data.displayName, resourceType: data.resourceType };
        const verdict = asShown(context, item, changes(number, about, before, after));
        verdicts.push(verdict);
        if (verdict.outcome === "Change") {
          renamed.push({ resource: existing, ...after });
          siblings.add(existing.parentScope ?? "", data);
        }
      }
      continue;
    }
    const before = [data.scope, ...above(data)].map((scope) => retired(scope)).find((each) => each !== null);
    if (before) {
      verdicts.push(bad(number, before));
      continue;
    }
    const implied = missingAbove(parent, known, planned, impliedType);
    const nearest = nearestAbove(parent, known, planned);
    if (implied === null || nearest === null) {
      verdicts.push(bad(number, `Its parent, ${parent}, is not known. Import that first.`));
      continue;
    }
    if (!mayWrite(nearest)) {
      const where = `below ${isolated(nearest.displayName)}`;
      verdicts.push(bad(number, `You may not create anything ${where}: ${missingAt(nearest)}`));
      continue;
    }
    const made = [...implied, { ...data, parent }];
    const root = known.get("/");
    if (made.some(({ scope }) => liesAnywhere(scope)) && !(root && mayWrite(root))) {
      verdicts.push(bad(number, `${placedByRoot} ${missingAt({ scope: "/" })}`));
      continue;
    }
    const twin = made.map((each) => twinOf(each.parent, each, null)).find((each) => each !== null);
    if (twin) {
      verdicts.push(bad(number, twin));
      continue;
    }
    const along = implied.map((each) => each.scope);
    const reason = along.length > 0 ? `Makes ${along.join(" and ")} along.` : null;
    const after = { displayName: data.displayName, resourceType: data.resourceType };
    const verdict = asShown(context, item, adds(number, aboutResource(null, parent), after, reason));
    verdicts.push(verdict);
    if (verdict.outcome !== "Add") continue;
    for (const each of made) {
      planned.set(sameNameKey(each.scope), each);
      siblings.add(each.parent, each);
    }
  }
  if (!write) return verdicts;

  const made = await insert(transaction, known, [...planned.values()]);
  for (const { resource, ...data } of renamed) {
    await transaction.resource.update({ where: { id: resource.id }, data });
  }
  await recordAuditEvents(transaction, [
    ...made.map((resource) => ({
      kind: "ResourceCreated" as const,
      outcome: "Success" as const,
      caller,
      resource,
      details: { importId, resourceType: resource.resourceType },
    })),
    ...renamed.map(({ resource, displayName, resourceType }) => ({
      kind: "ResourceUpdated" as const,
      outcome: "Success" as const,
      caller,
      resource: { ...resource, displayName },
      details: {
        importId,
        before: { displayName: resource.displayName, resourceType: resource.resourceType },
        after: { displayName, resourceType },
      },
    })),
  ]);
  return verdicts;
};

const placedByRoot =
  "Only people who may write resources at the root decide where a subscription or management group is:";

function is(name: string, other: string): boolean {
  return sameNameKey(name) === sameNameKey(other);
}

function missingAt({ scope }: Pick<ResourceFacts, "scope">): string {
  return `you do not have authorization to perform ${action.writeResources} over ${scope}.`;
}

function aboutResource(resourceId: string | null, parent: string | null): About {
  return { principals: [], facts: { resourceId, parent: parent && sameNameKey(parent) } };
}

type Known = Map<string, ResourceFacts & { parentScope: string | null }>;

/** Locks the resources that rows may rename. */
async function lockResources(transaction: Transaction, scopes: readonly string[]): Promise<void> {
  await transaction.$queryRaw`
    SELECT id FROM resources WHERE name_key(scope) = ANY (${nameKeys(scopes)}) ORDER BY id FOR NO KEY UPDATE`;
}

async function loadResources(transaction: Transaction, scopes: readonly string[]): Promise<Known> {
  const rows = await transaction.$queryRaw<(ResourceFacts & { parentScope: string | null })[]>`
    SELECT r.id, r.parent_id AS "parentId", r.scope, r.path, r.display_name AS "displayName",
      r.resource_type AS "resourceType", p.scope AS "parentScope"
    FROM resources r LEFT JOIN resources p ON p.id = r.parent_id WHERE name_key(r.scope) = ANY (${nameKeys(scopes)})`;
  return new Map(rows.map((row) => [sameNameKey(row.scope), row]));
}

/** Inserts level by level, one statement each, since a row's path needs its parent's. */
async function insert(
  transaction: Transaction,
  known: Known,
  rows: readonly Planned[],
): Promise<ResourceFacts[]> {
  const ids = new Map([...known].map(([scope, resource]) => [scope, resource.id]));
  const made: ResourceFacts[] = [];
  for (let waiting = [...rows]; waiting.length > 0; ) {
    const ready = waiting.filter((row) => ids.has(sameNameKey(row.parent)));
    if (ready.length === 0) throw new Error("an imported resource waits for a parent that is not made");
    const inserted = await transaction.resource.createManyAndReturn({
      data: ready.map((row) => ({
        scope: row.scope,
        displayName: row.displayName,
        resourceType: row.resourceType,
        parentId: ids.get(sameNameKey(row.parent)),
      })),
    });
    for (const resource of inserted) ids.set(sameNameKey(resource.scope), resource.id);
    made.push(...inserted);
    waiting = waiting.filter((row) => !ready.includes(row));
  }
  return made;
}
