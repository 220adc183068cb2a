import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A challenge that waits for a passkey or an identity provider, with what the answer of either is bound to. */
export interface OpenChallenge {
  readonly id: string;
  readonly kind: string;
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly random: Uint8Array<ArrayBuffer>;
  readonly operation: string;
  /** When its caller was sent to a provider with it; null if they were not. */
  readonly begunAt: Date | null;
}

/** An open challenge of the caller in this session that such an answer may meet, locked. */
export async function lockChallenge(
  transaction: Transaction,
  caller: Caller,
  challengeId: string,
): Promise<OpenChallenge | null> {
  const [challenge] = await transaction.$queryRaw<OpenChallenge[]>`
    SELECT c.id, c.operation ->> 'kind' AS kind, c.operation_digest AS digest, c.evidence_random AS random,
      c.evidence_operation AS operation, c.provider_begun_at AS "begunAt"
    FROM step_up_challenges c
    WHERE c.id = ${challengeId}::uuid AND c.user_id = ${caller.userId}::uuid
      AND c.session_id = ${caller.sessionId}::uuid AND c.expires_at > postern_now() AND c.evidence_random IS NOT NULL
    FOR UPDATE`;
  return challenge ?? null;
}
