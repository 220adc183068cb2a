import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import type { RuleName } from "@/lib/domain/gate/operation-error";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { noteEvents } from "@/lib/platform/meter";
import { withCommit } from "@/lib/platform/running-transaction";
import { storableText } from "@/lib/platform/sql/json-rows";
import { inTransaction } from "@/lib/platform/transaction";

/** One event, without what the caller and the database fill in. Names are copied as they are now. */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly outcome: "Success" | "Failure";
  readonly caller?: Partial<Caller>;
  readonly target?: { readonly id: string; readonly displayName: string };
  readonly role?: { readonly id: string; readonly roleName: string };
  readonly resource?: {
    readonly id: string;
    readonly displayName: string;
    readonly scope: string;
    readonly path: string;
  };
  readonly requestId?: string | null;
  readonly eligibilityId?: string | null;
  readonly assignmentId?: string | null;
  readonly proof?: { readonly id: string; readonly method: StepUpMethod } | null;
  readonly factor?: StepUpMethod;
  readonly justification?: string | null;
  readonly ticketNumber?: string | null;
  readonly ticketSystem?: string | null;
  readonly failedRules?: readonly RuleName[];
  /** More facts: `before` and `after`, `reason`, `startsAt`, `endsAt`. Never a secret. */
  readonly details?: Prisma.InputJsonObject;
}

/** The maximum length of a text in the log, and of the details of a refused attempt, in characters. */
const longestText = 4_000;
const longestRefusal = 16_000;

/** The columns that `recordAuditEvents` fills; the database fills the others. */
const columnNames = [
  ...[
    "kind",
    "outcome",
    "actor_id",
    "actor_name",
    "session_id",
    "ip_address",
    "user_agent",
    "correlation_id",
  ],
  ...["target_id", "target_name", "role_definition_id", "role_name", "resource_id", "resource_name", "scope"],
  ...[
    "resource_path",
    "request_id",
    "eligibility_id",
    "assignment_id",
    "proof_id",
    "factor",
    "justification",
  ],
  ...["ticket_number", "ticket_system", "failed_rules", "details"],
];
const columns = Prisma.raw(columnNames.join(", "));
/** The same of an event `e`, of which some are those that `written` answers. */
function columnsBesides(written: readonly string[]): Prisma.Sql {
  return Prisma.raw(
    columnNames.map((name) => `${written.includes(name) ? "written" : "e"}.${name}`).join(", "),
  );
}
const columnsOfChange = columnsBesides(["request_id", "assignment_id"]);
const columnsOfProof = columnsBesides(["proof_id"]);

/**
 * Adds events to the log, in their order and in the transaction of the change that they report (docs/rules.md,
 * rule 9). One statement, whatever their number.
 */
export async function recordAuditEvents(
  transaction: Transaction,
  entries: readonly AuditEntry[],
): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO audit_events (${columns})
    SELECT ${columns} FROM jsonb_populate_recordset(NULL::audit_events, ${rowsOf(entries)}::jsonb)`;
  noteEvents(transaction, entries);
}

/** The request and the assignment that a change has written. */
export interface WrittenIds {
  readonly requestId: string;
  readonly assignmentId: string;
}

/**
 * Writes a request with its assignment, and the event that reports both, in one statement. `change` is its `WITH` list;
 * its last part is called `written` and answers `request_id` and `assignment_id`. `last`: nothing comes behind it.
 */
export async function recordWithChange(
  transaction: Transaction,
  change: Prisma.Sql,
  entry: Omit<AuditEntry, "outcome">,
  last: boolean,
): Promise<WrittenIds> {
  const event = { ...entry, outcome: "Success" } as const;
  const [ids] = await transaction.$queryRaw<WrittenIds[]>`
    ${last ? withCommit : Prisma.empty} WITH ${change}
    INSERT INTO audit_events (${columns})
    SELECT ${columnsOfChange}
    FROM jsonb_populate_recordset(NULL::audit_events, ${rowsOf([event])}::jsonb) e CROSS JOIN written
    RETURNING request_id AS "requestId", assignment_id AS "assignmentId"`;
  if (!ids) throw new Error("the change was not written");
  noteEvents(transaction, [event]);
  return ids;
}

/**
 * Adds the event that reports the proof of a challenge, if there is one, as the last statement of a transaction. It can be
 * sent together with what makes the proof, whose id nobody knows by then.
 */
export async function recordProof(
  transaction: Transaction,
  challengeId: string,
  entry: Omit<AuditEntry, "outcome" | "proof"> & Required<Pick<AuditEntry, "factor">>,
): Promise<void> {
  const event = { ...entry, outcome: "Success" } as const;
  const recorded = await transaction.$executeRaw`
    ${withCommit} INSERT INTO audit_events (${columns})
    SELECT ${columnsOfProof}
    FROM jsonb_populate_recordset(NULL::audit_events, ${rowsOf([event])}::jsonb) e,
      (SELECT id AS proof_id FROM step_up_proofs WHERE challenge_id = ${challengeId}::uuid) written`;
  if (recorded > 0) noteEvents(transaction, [event]);
}

/** Events as JSON, with the columns' names. */
function rowsOf(entries: readonly AuditEntry[]): string {
  const rows = entries.map((entry) => ({
    kind: entry.kind,
    outcome: entry.outcome,
    actor_id: entry.caller?.userId,
    actor_name: entry.caller?.displayName,
    session_id: entry.caller?.sessionId,
    ip_address: entry.caller?.ipAddress,
    user_agent: entry.caller?.userAgent,
    correlation_id: entry.caller?.correlationId ?? logContext()?.correlationId,
    target_id: entry.target?.id,
    target_name: entry.target?.displayName,
    role_definition_id: entry.role?.id,
    role_name: entry.role?.roleName,
    resource_id: entry.resource?.id,
    resource_name: entry.resource?.displayName,
    scope: entry.resource?.scope,
    resource_path: entry.resource?.path,
    request_id: entry.requestId,
    eligibility_id: entry.eligibilityId,
    assignment_id: entry.assignmentId,
    proof_id: entry.proof?.id,
    factor: entry.proof?.method ?? entry.factor,
    justification: entry.justification,
    ticket_number: entry.ticketNumber,
    ticket_system: entry.ticketSystem,
    failed_rules: entry.failedRules ?? [],
    details: boundedDetails(entry),
  }));
  return jsonText(rows);
}

/**
 * Makes JSON that PostgreSQL accepts, whatever was typed. Texts are cut to the longest that forms allow, and
 * contain neither NUL nor half a surrogate pair.
 */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "string" ? storableText(each.slice(0, longestText)) : each,
  );
}

/** The details of an event. Long details of a refused attempt are left out, since they could contain anything. */
function boundedDetails({ outcome, details = {} }: AuditEntry): Prisma.InputJsonObject {
  const length = outcome === "Failure" ? jsonText(details).length : 0;
  return length <= longestRefusal ? details : { error: details.error ?? null, omittedCharacters: length };
}

/** Adds one event to the log, in the transaction of the change that it reports. */
export function recordAuditEvent(transaction: Transaction, entry: AuditEntry): Promise<void> {
  return recordAuditEvents(transaction, [entry]);
}

/** Logs refused attempts in a transaction of their own, since the refused one leaves nothing behind. */
export function recordRefusals(
  database: Database,
  entries: readonly Omit<AuditEntry, "outcome">[],
): Promise<void> {
  return inTransaction(database, (transaction) =>
    recordAuditEvents(
      transaction,
      entries.map((entry) => ({ ...entry, outcome: "Failure" })),
    ),
  );
}

/** Logs one refused attempt, in a transaction of its own. */
export function recordRefusal(database: Database, entry: Omit<AuditEntry, "outcome">): Promise<void> {
  return recordRefusals(database, [entry]);
}
