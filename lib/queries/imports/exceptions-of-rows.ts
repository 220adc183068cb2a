import { z } from "zod";
import { permissionsAtEach } from "@/lib/authority/authority";
import type { ExceptionToAsk, ExceptionWanted } from "@/lib/domain/roles/conflict-exception";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";

/** The conflict rules that refused a row, as its JSON stores them. */
export const exceptionsWantedShape: z.ZodType<ExceptionWanted[]> = z.array(
  z.object({ ruleId: z.uuid(), principalId: z.uuid().nullable() }),
);

/**
 * Which of the exceptions that rows would need the caller may request now: from rules that still exist,
 * where they may edit role settings, and not for themselves. People whom the import itself would create
 * cannot be named in an exception yet.
 */
export async function exceptionsToAskFor(
  transaction: Transaction,
  callerId: string,
  wanted: readonly ExceptionWanted[],
): Promise<(each: ExceptionWanted) => ExceptionToAsk[]> {
  if (wanted.length === 0) return () => [];
  const rules = await transaction.$queryRaw<Omit<ExceptionToAsk, "principalId">[]>`
    SELECT id AS "ruleId", name AS "ruleName", resource_id AS "resourceId" FROM conflict_rules
    WHERE id = ANY (${[...new Set(wanted.map(({ ruleId }) => ruleId))]}::uuid[])`;
  const places = [...new Set(rules.map(({ resourceId }) => resourceId))];
  const held = await permissionsAtEach(transaction, callerId, places);
  const known = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM principals WHERE id = ANY (${wanted.flatMap(({ principalId }) => principalId ?? [])}::uuid[])`;
  const existing = new Set(known.map(({ id }) => id));
  const allowed = new Map(
    rules
      .filter(({ resourceId }) => anyAllows(held.get(resourceId) ?? [], action.writeRoleSettings))
      .map((rule) => [rule.ruleId, rule]),
  );
  return ({ ruleId, principalId }) => {
    const rule = principalId === callerId ? undefined : allowed.get(ruleId);
    const named = principalId !== null && existing.has(principalId) ? principalId : null;
    return rule ? [{ ...rule, principalId: named }] : [];
  };
}
