// The product's side: a database of its own with the same beginning as the model's state.
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { createTestDatabase, type TestDatabase } from "../support/database/database";
import { grant, makeCaller, makeProof, makeRole } from "../support/factories";
import { always, type Outcome, type Permission, type Settings, type State } from "./state";

export interface World {
  readonly test: TestDatabase;
  readonly database: Database;
  /** The database's ids of the model's names. */
  id(name: string): string;
  name(id: string, as: string): void;
  knows(id: string): string | undefined;
  /** The caller of somebody's present session. */
  caller(state: State, who: string): Promise<Caller>;
  prove(
    state: State,
    who: string,
    operation: (id: (name: string) => string) => ProtectedOperation,
  ): Promise<string>;
  setTime(now: number): void;
}

const allows: Record<Permission, string> = {
  assign: "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
  makeEligible: "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
  editSettings: "Microsoft.Authorization/roleManagementPolicies/write",
  managePeople: "Microsoft.Authorization/principals/write",
};

/** A database in which one sequence after the other starts from the beginning. */
export interface Stage {
  /** The world that a state begins with: everything from an earlier sequence is removed. */
  begin(state: State): Promise<World>;
  close(): Promise<void>;
}

/** Makes a database with everything that every sequence begins with; only role settings differ. */
export async function makeStage(first: State): Promise<Stage> {
  let now = first.now;
  const test = await createTestDatabase({ clock: () => new Date(now) });
  const { database } = test;
  const fixed = await makeOrganisation(database, first);
  const { rows } = await test.asOwner(
    `SELECT c.table_name AS name, string_agg(quote_ident(c.column_name), ', ' ORDER BY c.ordinal_position)
       FILTER (WHERE c.is_generated = 'NEVER') AS columns
     FROM information_schema.columns c
     JOIN pg_tables t ON t.schemaname = c.table_schema AND t.tablename = c.table_name
     WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_prisma%' GROUP BY c.table_name`,
  );
  const tables: { name: string; columns: string }[] = rows;
  await test.asOwner(
    `CREATE SCHEMA beginning; ${tables.map(({ name }) => `CREATE TABLE beginning.${name} AS TABLE public.${name};`).join(" ")}`,
  );
  // Without triggers: the log cannot be emptied otherwise.
  const again = `SET session_replication_role = replica; ${tables
    .map(
      ({ name, columns }) =>
        `DELETE FROM public.${name}; INSERT INTO public.${name} (${columns}) OVERRIDING SYSTEM VALUE
         SELECT ${columns} FROM beginning.${name};`,
    )
    .join(" ")}`;
  return {
    async begin(state) {
      await test.asOwner(again);
      now = state.now;
      const world = makeWorld(test, new Map(fixed), (at) => {
        now = at;
      });
      await database.client.roleManagementPolicy.createMany({
        data: Object.entries(state.settings).map(([key, settings]) => {
          const [role = "", at = ""] = key.split(" ");
          const { approvalStages, notifications, ...flat } = asProduct(settings, world.id);
          return {
            ...flat,
            approvalStages: approvalStages.map((stage) => ({ ...stage })),
            notifications: { ...notifications },
            roleDefinitionId: world.id(role),
            resourceId: world.id(at),
            version: settings.version,
          };
        }),
      });
      for (const { id, at, first, second } of state.conflicts) {
        const { rows } = await test.asOwner(
          `WITH made AS (
             INSERT INTO conflict_rules (resource_id, name, reason)
             VALUES ('${world.id(at)}', '${first} and ${second}', 'Two pairs of eyes') RETURNING id),
           roles AS (
             INSERT INTO conflict_rule_roles (role_definition_id, rule_id, side)
             SELECT role::uuid, made.id, side::conflict_side FROM made,
               (VALUES ('${world.id(first)}', 'First'), ('${world.id(second)}', 'Second')) AS v (role, side))
           SELECT id FROM made`,
        );
        world.name(String(rows[0]?.id), id);
      }
      for (const { id, rule, who, asker, decider, decided, until } of state.exceptions) {
        const { rows } = await test.asOwner(
          `INSERT INTO conflict_exceptions (rule_id, roles_version, principal_id, state, justification, asked_by_id,
             asked_at, decided_by_id, decided_at, ends_at)
           VALUES ($1, 1, $2, 'Approved', 'Month end', $3, $5, $4, $5, $6) RETURNING id`,
          [
            world.id(rule),
            world.id(who),
            world.id(asker),
            world.id(decider ?? ""),
            new Date(decided),
            new Date(until),
          ],
        );
        world.name(String(rows[0]?.id), id);
      }
      return world;
    },
    close: () => test.drop(),
  };
}

/** Makes resources, roles, principals and access, and returns the database's ids by the model's names. */
async function makeOrganisation({ client, ...rest }: Database, state: State): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const id = (known: string) => ids.get(known) ?? "";
  for (const [resource, parent] of Object.entries(state.resources)) {
    const scope = resource === "root" ? "/" : `/subscriptions/${resource}`;
    const parentId = parent === null ? null : id(parent);
    const resourceType = "Microsoft.Resources/subscriptions";
    const data = { parentId, scope, displayName: resource, resourceType };
    ids.set(resource, (await client.resource.create({ data })).id);
  }
  for (const [role, { permissions }] of Object.entries(state.roles)) {
    const actions = [...permissions.map((each) => allows[each]), "*/read"];
    const roleId = role === "Owner" ? ownerRoleId : undefined;
    ids.set(role, (await makeRole({ client, ...rest }, role, { actions }, roleId)).id);
  }
  for (const [who, { type }] of Object.entries(state.principals)) {
    const email = type === "User" ? addressOf(who) : null;
    ids.set(who, (await client.principal.create({ data: { type, displayName: who, email } })).id);
  }
  await client.groupMember.createMany({
    data: state.members.map((each) => ({
      groupId: id(each.group),
      memberId: id(each.member),
      addedAt: new Date(each.since),
    })),
  });
  for (const row of state.access) {
    const kind = row.kind === "Eligible" ? "eligible" : "active";
    const times = { startsAt: new Date(row.from), endsAt: row.until === always ? null : new Date(row.until) };
    const made = await grant({ client, ...rest }, kind, id(row.who), id(row.role), id(row.at), times);
    ids.set(row.id, made.id);
  }
  return ids;
}

const addressOf = (who: string) => `${who}@contoso.example`;

function makeWorld(test: TestDatabase, ids: Map<string, string>, setTime: World["setTime"]): World {
  const { database } = test;
  const names = new Map([...ids].map(([known, id]) => [id, known]));
  const callers = new Map<string, Promise<Caller>>();
  const id = (known: string) => {
    const found = ids.get(known);
    if (found === undefined) throw new Error(`the world does not know ${known}`);
    return found;
  };
  const caller = (at: State, who: string) => {
    const key = `${who} ${at.principals[who]?.session}`;
    const made =
      callers.get(key) ?? makeCaller(database, { id: id(who), displayName: who, email: addressOf(who) });
    callers.set(key, made);
    return made;
  };
  return {
    test,
    database,
    id,
    name(known, as) {
      ids.set(as, known);
      names.set(known, as);
    },
    knows: (known) => names.get(known),
    caller,
    prove: async (at, who, operation) => makeProof(database, await caller(at, who), operation(id)),
    setTime,
  };
}

/** Settings in the form of the product. */
export function asProduct(settings: Settings, id: (name: string) => string): RoleSettings {
  return {
    ...defaultRoleSettings,
    activationMaximumMinutes: settings.maximumMinutes,
    activationRequiresMfa: settings.mfa,
    activationRequiresJustification: settings.reason,
    activationRequiresTicket: settings.ticket,
    approvalRequired: settings.approval,
    approvalStages: settings.stages.map((stage) => ({
      approverIds: stage.approvers.map(id).sort(),
      approvalsNeeded: stage.needed,
      timeoutHours: stage.hours,
      escalationApproverIds: stage.escalation.map(id).sort(),
    })),
    approvalRequiresStepUp: settings.approverMfa,
    provisioningRequiresMfa: settings.freshCode,
    breakGlassMaximumMinutes: settings.glass,
    eligibleMaximumDays: settings.eligibleDays,
    activeMaximumDays: settings.activeDays,
    assignmentRequiresMfa: settings.assignMfa,
    assignmentRequiresJustification: settings.assignReason,
  };
}

/** The product's answer in the model's terms. Things that do not exist and things that are not allowed look alike. */
export function asOutcome(result: OperationResult<object>): Outcome {
  if (result.ok) {
    const status = "status" in result && typeof result.status === "string" ? result.status : undefined;
    return status === undefined ? { ok: true } : { ok: true, status };
  }
  const { error } = result;
  if (error.code === "RoleAssignmentRequestPolicyValidationFailed")
    return {
      ok: false,
      code: error.code,
      rules: [...new Set(error.failures.map(({ rule }) => rule))].sort(),
    };
  // A row that was removed while it was being changed is unknown to the next caller.
  const gone = ["NotFound", "AuthorizationFailed", "StaleEdit"];
  const code = gone.includes(error.code) ? "Forbidden" : error.code;
  return { ok: false, code };
}
