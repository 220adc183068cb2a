import type { AccessFilter, WantedState } from "@/lib/domain/assignments/access-filter";
import type { MissingFactor } from "@/lib/domain/people/missing-factor";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { containing } from "@/lib/domain/search/like-pattern";
import { addDaysTo, startOfDay } from "@/lib/domain/time/reader-day";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";

/** In effect now (docs/rules.md, rule 5). */
export const inEffect = Prisma.sql`x.starts_at <= postern_now() AND (x.ends_at IS NULL OR x.ends_at > postern_now())`;

/** The tables that hold rows of a state. */
export const tablesOf = (state: WantedState | null): readonly AccessTable[] => {
  if (state === null) return ["eligibilities", "assignments"];
  return state === "Eligible" ? ["eligibilities"] : ["assignments"];
};

/** The state of the rows `x` of a table. */
export const stateIn = (table: AccessTable): Prisma.Sql =>
  table === "eligibilities" ? Prisma.sql`'Eligible'` : Prisma.sql`x.assignment_type::text`;

/** The filter as conditions on the rows `x` of a table, without its place and its people. */
export function accessConditions(filter: AccessFilter, table: AccessTable): Prisma.Sql[] {
  const eligible = table === "eligibilities";
  const all = [inEffectWhen(filter), ofState(filter, table)];
  if (filter.roleDefinitionId) all.push(Prisma.sql`x.role_definition_id = ${filter.roleDefinitionId}::uuid`);
  const start = (day: string) => startOfDay(day, filter.timeZone);
  if (filter.from) all.push(Prisma.sql`x.starts_at >= ${start(filter.from)}`);
  if (filter.to) all.push(Prisma.sql`x.starts_at < ${start(addDaysTo(filter.to, 1))}`);
  if (filter.createdWithinDays !== null)
    all.push(
      Prisma.sql`x.created_at > postern_now() - make_interval(days => ${filter.createdWithinDays}::int)`,
    );
  if (filter.endsWithinDays !== null)
    all.push(Prisma.sql`x.ends_at > postern_now()
      AND x.ends_at <= postern_now() + make_interval(days => ${filter.endsWithinDays}::int)`);
  if (filter.endsBetween !== null)
    all.push(Prisma.sql`x.ends_at >= ${filter.endsBetween.from} AND x.ends_at < ${filter.endsBetween.to}`);
  const standing =
    filter.createdWithinDays !== null || filter.endsWithinDays !== null || filter.endsBetween !== null;
  if (!eligible && standing && filter.state === null) all.push(Prisma.sql`x.assignment_type = 'Assigned'`);
  if (filter.withoutMfa === "settings") all.push(eligible ? eligibleWithoutMfa : Prisma.sql`FALSE`);
  return all;
}

/** The rows `x` of the table that are in the requested state. The table is one of its `tablesOf`. */
export function ofState({ state }: Pick<AccessFilter, "state">, table: AccessTable): Prisma.Sql {
  return table === "eligibilities" || state === null || state === "Active"
    ? Prisma.sql`TRUE`
    : Prisma.sql`x.assignment_type = ${state}::assignment_type`;
}

function inEffectWhen({ when }: AccessFilter): Prisma.Sql {
  switch (when) {
    case "now":
      return inEffect;
    case "any":
      return everInEffect;
    case "current":
    case "ended":
      return Prisma.sql`${untilWhen({ when })} AND ${everInEffect}`;
    default:
      return Prisma.sql`x.starts_at <= ${when} AND (x.ends_at IS NULL OR x.ends_at > ${when})`;
  }
}

/** Access that was removed before its start was never in effect. */
export const everInEffect = Prisma.sql`(x.ends_at IS NULL OR x.ends_at > x.starts_at)`;

/** Whether access has an end in the future, or has ended, in a form that uses an index of ends. */
export function untilWhen({ when }: Pick<AccessFilter, "when">): Prisma.Sql {
  const end = Prisma.sql`coalesce(x.ends_at, 'infinity'::timestamptz)`;
  if (when === "now" || when === "current") return Prisma.sql`${end} > postern_now()`;
  return when === "ended" ? Prisma.sql`${end} <= postern_now()` : Prisma.sql`TRUE`;
}

const eligibleWithoutMfa = Prisma.sql`EXISTS (
  SELECT FROM role_management_policies m WHERE m.resource_id = x.resource_id
    AND m.role_definition_id = x.role_definition_id AND NOT m.activation_requires_mfa)`;

/** Up to how many ids are listed. If there are more, reading in order soon meets a match. */
const fewIds = 1_000;

/**
 * Conditions on `x`: those that name few ids, which an index finds, and those that are checked row by
 * row.
 */
export interface PeopleConditions {
  readonly narrow: readonly Prisma.Sql[];
  readonly byRow: readonly Prisma.Sql[];
}

/** The conditions of the filter's people and of its search. */
export async function peopleConditions(
  transaction: Transaction,
  filter: AccessFilter,
  issuers: ConfirmingIssuers,
): Promise<PeopleConditions> {
  const all = [
    ...(filter.withoutMfa === "people" ? [await heldWithoutFactor(transaction, issuers, "Any")] : []),
    ...(filter.withoutMfa === "resistant"
      ? [await heldWithoutFactor(transaction, issuers, "PhishingResistant")]
      : []),
    ...(filter.search ? [await named(transaction, filter.search)] : []),
    ...(filter.kind ? [await ofKind(transaction, filter.kind)] : []),
  ];
  const those = (few: boolean) => all.filter((each) => each.few === few).map(({ condition }) => condition);
  return { narrow: those(true), byRow: those(false) };
}

interface PeopleCondition {
  readonly condition: Prisma.Sql;
  readonly few: boolean;
}

const lackingFactor = (issuers: ConfirmingIssuers, missing: MissingFactor) =>
  Prisma.sql`u.type = 'User' AND u.disabled_at IS NULL
    AND NOT ${hasSecondFactor(Prisma.sql`u.id`, issuers, missing)}`;

/** Held by somebody without an accepted second factor, directly or through groups. */
async function heldWithoutFactor(
  transaction: Transaction,
  issuers: ConfirmingIssuers,
  missing: MissingFactor,
): Promise<PeopleCondition> {
  const lacksFactor = lackingFactor(issuers, missing);
  const people = await transaction.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM principals u WHERE ${lacksFactor} LIMIT ${fewIds + 1}`;
  if (people.length > fewIds) {
    const condition = Prisma.sql`EXISTS (SELECT FROM principals u WHERE u.id = x.principal_id AND ${lacksFactor}
      UNION ALL
      SELECT FROM principals g CROSS JOIN LATERAL users_in(ARRAY[g.id]) AS behind (id)
      JOIN principals u ON u.id = behind.id
      WHERE g.id = x.principal_id AND g.type = 'Group' AND ${lacksFactor})`;
    return { condition, few: false };
  }
  const reached = await transaction.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT reached.id FROM unnest(${people.map(({ id }) => id)}::uuid[]) AS u (id)
    CROSS JOIN LATERAL principal_and_groups(u.id) AS reached (id)`;
  return { condition: Prisma.sql`x.principal_id = ANY (${reached.map(({ id }) => id)}::uuid[])`, few: true };
}

/** Held by a user, a group or a service principal. */
async function ofKind(transaction: Transaction, kind: PrincipalType): Promise<PeopleCondition> {
  const those = await transaction.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM principals p WHERE p.type = ${kind}::principal_type LIMIT ${fewIds + 1}`;
  if (those.length > fewIds) {
    const condition = Prisma.sql`EXISTS (
      SELECT FROM principals p WHERE p.id = x.principal_id AND p.type = ${kind}::principal_type)`;
    return { condition, few: false };
  }
  return { condition: Prisma.sql`x.principal_id = ANY (${those.map(({ id }) => id)}::uuid[])`, few: true };
}

/** Part of the member's name or address, or of the role's name. */
async function named(transaction: Transaction, search: string): Promise<PeopleCondition> {
  const pattern = containing(search);
  const people = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM principals WHERE (display_name || ' ' || coalesce(email, '')) ILIKE ${pattern}
    LIMIT ${fewIds + 1}`;
  const roles = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM role_definitions WHERE role_name ILIKE ${pattern} LIMIT ${fewIds + 1}`;
  if (people.length > fewIds || roles.length > fewIds) {
    const condition = Prisma.sql`(
      (SELECT (p.display_name || ' ' || coalesce(p.email, '')) ILIKE ${pattern}
        FROM principals p WHERE p.id = x.principal_id)
      OR (SELECT d.role_name ILIKE ${pattern} FROM role_definitions d WHERE d.id = x.role_definition_id))`;
    return { condition, few: false };
  }
  const ids = (rows: readonly { id: string }[]) => Prisma.sql`(${rows.map(({ id }) => id)}::uuid[])`;
  const ofMember = Prisma.sql`x.principal_id = ANY ${ids(people)}`;
  const ofRole = Prisma.sql`x.role_definition_id = ANY ${ids(roles)}`;
  if (roles.length === 0) return { condition: ofMember, few: true };
  return { condition: people.length === 0 ? ofRole : Prisma.sql`(${ofMember} OR ${ofRole})`, few: true };
}
