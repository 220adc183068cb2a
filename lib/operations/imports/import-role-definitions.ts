import { rootResource } from "@/lib/authority/authority";
import { recheckBeforeOwnRoleChange } from "@/lib/authority/rights-until-commit";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import type { RoleDefinitionRow } from "@/lib/domain/imports/import-kinds";
import { action, type Permission } from "@/lib/domain/roles/permissions";
import { patternFault, widens } from "@/lib/domain/roles/role-definition";
import { sameValue } from "@/lib/domain/roles/same-value";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { Refusal } from "@/lib/operations/gate/refusal";
import { refuseNarrowingBreakGlass } from "@/lib/operations/gate/refuse-break-glass";
import {
  type About,
  adds,
  asShown,
  bad,
  changes,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import { type KnownRole, loadKnownRoles, lockNamesAndPlaces } from "@/lib/operations/imports/known-roles";
import { guardRoleSettings } from "@/lib/operations/roles/guard-role-settings";
import {
  addedScopes,
  definitionForLog,
  isMoreTimeAsked,
  refuseMoreThanHeld,
  requireAtScopes,
  usesOfRole,
} from "@/lib/operations/roles/role-definitions";
import { roleNameTaken, skeletonOf } from "@/lib/operations/roles/role-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Imports custom roles, identified by their id, otherwise by their name. Built-in ones exist already. A
 * row that would widen a role in use, or remove a scope from it, must be done on the role's page, which
 * asks for everything that this requires.
 */
export const importRoleDefinitions: Importer<RoleDefinitionRow> = async (context, items) => {
  const verdicts: ImportVerdict[] = [];
  const known = await loadKnownRoles(
    context,
    items.flatMap(({ data }) => (data.id ? [data.id] : [])),
    items.flatMap(({ data }) => (data.id ? [data.roleName, data.id] : [data.roleName])),
  );
  if (context.write) await lockNamesAndPlaces(context, known, items);
  const looks = new Map<string, number>();
  for (const item of items) verdicts.push(await settle(context, known, item, looks));
  return verdicts;
};

async function settle(
  context: ImportContext,
  known: readonly KnownRole[],
  item: ImportItem<RoleDefinitionRow>,
  looks: Map<string, number>,
): Promise<ImportVerdict> {
  const { number, data: row } = item;
  const { transaction, caller, importId, write } = context;
  const key = sameNameKey(row.roleName);
  const named = known.find((role) => sameNameKey(role.roleName) === key);
  const same = known.find((role) => role.id === row.id) ?? named;
  if (row.builtIn || same?.roleType === "BuiltInRole") {
    if (same?.roleType === "BuiltInRole" && row.builtIn) return unchanged(number, null, "Built in.");
    return bad(
      number,
      row.builtIn ? "This built-in role is not known here." : "A built-in role has this name or id.",
    );
  }
  if (named && same && named.id !== same.id) return bad(number, "Another role has this name here.");
  if (known.some((role) => role.id !== row.id && sameNameKey(role.roleName) === row.id))
    return bad(number, "Its id is the name of another role here.");
  const taken =
    row.roleName === same?.roleName ? null : await nameTaken(context, item, same?.id ?? null, looks);
  if (taken !== null) return bad(number, taken);
  const every = row.permissions.flatMap((each) => Object.values(each).flat());
  const wrong = every.find((pattern) => patternFault(pattern) !== null);
  if (wrong !== undefined) return bad(number, `“${wrong}” ${patternFault(wrong)}.`);
  const entry = { kind: "RoleDefinitionUpdated" as const, caller, details: { importId } };
  const requiresAt = (resourceId: string, had: readonly Permission[]) =>
    context.takes({
      resourceId,
      action: action.writeRoleDefinitions,
      role: { wanted: row.permissions, had },
    });
  try {
    const scopes = await requireAtScopes(
      transaction,
      caller,
      action.writeRoleDefinitions,
      [...(same?.assignableScopes ?? []), ...row.assignableScopes],
      entry,
    );
    const wanted = new Set(row.assignableScopes.map((scope) => scope.toLowerCase()));
    const assignable = scopes.filter((resource) => wanted.has(resource.scope.toLowerCase()));
    const had = new Set(same?.assignableScopes.map((scope) => scope.toLowerCase()));
    const old = scopes.filter((resource) => had.has(resource.scope.toLowerCase()));
    const last = { permissions: same?.permissions ?? [], assignable: old };
    await refuseMoreThanHeld(transaction, caller, row.permissions, assignable, last, entry);
    const added = new Set(addedScopes(assignable, old));
    for (const place of assignable) requiresAt(place.id, added.has(place) ? [] : last.permissions);
    for (const { id } of old) context.takes({ resourceId: id, action: action.writeRoleDefinitions });
    const about: About = {
      principals: [],
      facts: { roleId: same?.id ?? null, scopes: assignable.map((each) => each.id).sort() },
    };
    const after = definitionForLog({ ...row, assignableScopes: assignable.map((each) => each.scope) });
    const data = {
      roleName: row.roleName,
      description: row.description,
      permissions: row.permissions.map((each) => ({ ...each })),
      assignableScopes: after.assignableScopes,
    };
    if (!same) {
      const verdict = asShown(context, item, adds(number, about, after));
      if (write && verdict.outcome === "Add") {
        const idTaken = row.id
          ? await transaction.roleDefinition.findUnique({ where: { id: row.id } })
          : null;
        const role = await transaction.roleDefinition.create({
          data: { ...data, ...(row.id && !idTaken ? { id: row.id } : {}), roleType: "CustomRole" },
          select: { id: true, roleName: true },
        });
        const created = { ...entry, kind: "RoleDefinitionCreated" as const, outcome: "Success" as const };
        await recordAuditEvent(transaction, {
          ...created,
          role,
          resource: assignable[0],
          details: { importId, after },
        });
      }
      return verdict;
    }
    const before = definitionForLog(same);
    if (sameDefinition(before, after)) return unchanged(number, about);
    const uses = await usesOfRole(transaction, same.id);
    const outside = uses.some(
      (use) => !assignable.some(({ path }) => use.path === path || use.path.startsWith(`${path}.`)),
    );
    if (outside) return bad(number, "It is in use outside these scopes.");
    const widened = widens(same.permissions, row.permissions) || addedScopes(assignable, old).length > 0;
    if (widened && (uses.length > 0 || (await isMoreTimeAsked(transaction, same.id)))) {
      return bad(number, "It is in use, and this would allow its holders more. Edit it on its page.");
    }
    if (widens(row.permissions, same.permissions))
      await refuseNarrowingBreakGlass(transaction, same.id, entry);
    const change = asShown(context, item, changes(number, about, before, after));
    if (write && change.outcome === "Change") {
      await guardRoleSettings(transaction, caller, same, row);
      await recheckBeforeOwnRoleChange(transaction, caller.userId, same.id);
      await transaction.roleDefinition.update({
        where: { id: same.id },
        data: { ...data, version: { increment: 1 }, updatedAt: await databaseNow(transaction) },
      });
      const role = { id: same.id, roleName: row.roleName };
      const details = { importId, before, after };
      await recordAuditEvent(transaction, {
        ...entry,
        outcome: "Success",
        role,
        resource: assignable[0],
        details,
      });
    }
    return change;
  } catch (thrown) {
    if (thrown instanceof Refusal) {
      // Its scopes may be unknown. Somebody with the right at the root has it everywhere.
      requiresAt((await rootResource(transaction)).id, []);
      return bad(number, errorMessage(thrown.error));
    }
    throw thrown;
  }
}

/**
 * Why a row's role cannot have this name: because of an existing role, or of an earlier row, whose
 * names are in `looks`.
 */
async function nameTaken(
  { transaction }: ImportContext,
  { number, data }: ImportItem<RoleDefinitionRow>,
  ownId: string | null,
  looks: Map<string, number>,
): Promise<string | null> {
  if (isUuid(sameNameKey(data.roleName)))
    return "Its name is an id, and could be mistaken for whatever has that id.";
  const skeleton = await skeletonOf(transaction, data.roleName);
  const taken = await roleNameTaken(transaction, data.roleName, skeleton, ownId);
  if (taken !== null) return taken;
  const first = looks.get(skeleton);
  if (first !== undefined) return `Its name looks like that of row ${first}.`;
  looks.set(skeleton, number);
  return null;
}

type Definition = ReturnType<typeof definitionForLog>;

function sameDefinition(left: Definition, right: Definition): boolean {
  const tidy = (definition: Definition) => ({
    ...definition,
    actions: [...definition.actions].sort(),
    notActions: [...definition.notActions].sort(),
    dataActions: [...definition.dataActions].sort(),
    notDataActions: [...definition.notDataActions].sort(),
    assignableScopes: definition.assignableScopes.map((scope) => scope.toLowerCase()).sort(),
  });
  return sameValue(tidy(left), tidy(right));
}
