import { may } from "@/lib/authority/authority";
import { rightToClose } from "@/lib/authority/break-glass-authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { type ExtensionRequest, listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { type RequestToDecide, requestsToDecide } from "@/lib/queries/requests/approvals";
import {
  type OpenStageNow,
  openStageNow,
  type RequestStep,
  requestStory,
} from "@/lib/queries/requests/request-story";
import { type RequestRow, requestById } from "@/lib/queries/requests/requests";

/** One request as the caller may see it. */
export interface OneRequest {
  readonly request: RequestRow;
  /** The caller made it. */
  readonly own: boolean;
  /** What the caller needs to decide on it, if it waits for them. */
  readonly activation: RequestToDecide | null;
  readonly extension: ExtensionRequest | null;
  /** What happened to it. */
  readonly story: readonly RequestStep[];
  readonly openStage: OpenStageNow | null;
  /** The database's time. */
  readonly now: Date;
}

/**
 * A request of the caller's own, one that waits or waited for their decision, or one at a resource
 * where they may read assignments. Null for any other, and for an unknown one.
 */
export async function oneRequest(database: Database, caller: Caller, id: string): Promise<OneRequest | null> {
  const [request, activations, extensions] = await Promise.all([
    requestById(database, id),
    requestsToDecide(database, caller, { search: "", after: null, only: id }),
    listExtensionRequests(database, caller, { resourceId: null, after: null, only: id, forMe: true }),
  ]);
  if (!request) return null;
  const activation = activations.rows.at(0) ?? null;
  const extension = extensions.rows.at(0) ?? null;
  const own = request.requestorId === caller.userId || request.member.id === caller.userId;
  const readable =
    own ||
    activation !== null ||
    extension !== null ||
    (await readOnce(
      database,
      async (transaction) =>
        (await wasAsked(transaction, caller, id)) ||
        (request.emergency !== null && (await rightToClose(transaction, caller.userId, id)) !== null) ||
        (await may(transaction, caller.userId, action.readAssignments, request.resourceId)),
    ));
  if (!readable) return null;
  const [story, openStage] = await Promise.all([requestStory(database, id), openStageNow(database, id)]);
  return { request, own, activation, extension, story, openStage, now: request.now };
}

/** Whether a stage of a request named the caller or a group they are in, or they decided on it. Then they know of it. */
async function wasAsked(transaction: Transaction, caller: Caller, requestId: string): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ asked: boolean }[]>`
    SELECT EXISTS (SELECT FROM request_approvals a WHERE a.request_id = ${requestId}::uuid
      AND (a.approver_ids || CASE WHEN a.escalates_at <= coalesce(a.closed_at, postern_now()) THEN a.escalation_ids
        ELSE '{}' END || array(SELECT jsonb_array_elements_text(stage.asks -> 'approverIds')::uuid
          FROM jsonb_array_elements(a.stages) WITH ORDINALITY AS stage (asks, number) WHERE stage.number <= a.stage))
      && array(SELECT principal_and_groups(${caller.userId}::uuid)))
    OR EXISTS (SELECT FROM request_decisions c
      WHERE c.request_id = ${requestId}::uuid AND c.decider_id = ${caller.userId}::uuid) AS asked`;
  return row?.asked ?? false;
}
