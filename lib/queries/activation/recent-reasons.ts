import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";

/** How many of the caller's own requests are searched, and how many reasons are offered. */
const searched = 200;
const offered = 3;

/** The reasons that the caller recently gave when they activated one of these roles, each once, newest first. */
export async function recentReasons(
  transaction: Transaction,
  caller: Caller,
  roleDefinitionIds: readonly string[],
): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ justification: string }[]>`
    SELECT ${planOnce} q.justification
    FROM (SELECT request_type, role_definition_id, justification, created_at FROM requests
      WHERE requestor_id = ${caller.userId}::uuid ORDER BY created_at DESC, id DESC LIMIT ${searched}) q
    WHERE q.request_type = 'SelfActivate' AND q.role_definition_id = ANY (${[...roleDefinitionIds]}::uuid[])
      AND q.justification <> ''
    GROUP BY q.justification ORDER BY max(q.created_at) DESC LIMIT ${offered}`;
  return rows.map((row) => row.justification);
}
