import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { replaceRecoveryCodes } from "@/lib/identity/factors/recovery-codes";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

/**
 * The proof that is kept with a waiting request ends with its factor, as everything else that was begun with
 * the factor does.
 */
it("a request that was asked for with a code of an app which is gone fails at its approval", async () => {
  const { first, member, waiting } = await arrangeApproval(at.database, { tree: at.tree });
  const requestId = await waiting();
  const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
  const factor = await at.database.client.totpFactor.create({
    data: { userId: member.userId, ...sealed, confirmedAt: new Date(), removedAt: new Date() },
  });
  await at.test.asOwner(
    "UPDATE step_up_proofs SET factor_id = $1 WHERE id = (SELECT proof_id FROM requests WHERE id = $2)",
    [factor.id, requestId],
  );
  const input = { requestId, justification: "Known outage", proofId: null };
  expect(await approveRequest(at.database, first, input)).toMatchObject({
    status: "Failed",
    reasons: [
      expect.stringMatching(/^The factor that confirmed this request has been removed or replaced since/),
    ],
  });
});

it.each([
  ["RecoveryCode", "Failed"],
  ["Totp", "Provisioned"],
] as const)(
  "a request that was asked for by %s is %s once the recovery codes are replaced",
  async (method, status) => {
    const { first, member, waiting } = await arrangeApproval(at.database, { tree: at.tree });
    const requestId = await waiting();
    await at.test.asOwner(
      "UPDATE step_up_proofs SET method = $1 WHERE id = (SELECT proof_id FROM requests WHERE id = $2)",
      [method, requestId],
    );
    now = addMinutes(now, 1);
    const proofId = await at.prove({ kind: "ReplaceRecoveryCodes" }, member);
    expect(await replaceRecoveryCodes(at.database, member, proofId)).toHaveLength(10);
    const input = { requestId, justification: "Known outage", proofId: null };
    expect(await approveRequest(at.database, first, input)).toMatchObject({ status });
  },
);
