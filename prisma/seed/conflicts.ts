import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { type Demo, roles } from "./demo";
import type { Person } from "./organisation";

/**
 * A conflict rule that nobody breaks, an exception from it in force, which one administrator asked for and the other
 * approved, and one that waits for the Owner.
 */
export async function seedConflicts(
  demo: Demo,
  colleagues: { readonly excepted: Person; readonly waiting: Person },
  end: Date,
): Promise<void> {
  const { database, clock, must } = demo;
  const owner = await demo.callerOf(demo.key("owner"));
  const made = await createConflictRule(database, owner, {
    resourceId: demo.resource("Contoso Production"),
    rule: {
      name: "Access and secrets",
      reason: "Whoever decides who has access does not read the secrets as well.",
      firstRoleIds: [roles.userAccessAdministrator],
      secondRoleIds: [roles.keyVaultAdministrator],
    },
  });
  if (!made.ok) return must(made);
  const administrator = await demo.callerOf(demo.key("approver"));
  const ask = async ({ id: principalId }: Person, days: number, justification: string) => {
    clock.now = addMinutes(clock.now, 3);
    const endsAt = addDays(end, days);
    const asked = await requestConflictException(database, administrator, {
      ...{ ruleId: made.ruleId, principalId, endsAt, justification },
    });
    if (!asked.ok) throw new Error(`the demo history was refused: ${JSON.stringify(asked.error)}`);
    return asked.exceptionId;
  };
  const exceptionId = await ask(
    colleagues.excepted,
    12,
    "Moves the vaults to the new subscription and hands the access over.",
  );
  clock.now = addMinutes(clock.now, 20);
  const proofId = await demo.prove(
    demo.key("owner"),
    owner,
    approveConflictExceptionOperation({ exceptionId }),
  );
  must(
    await approveConflictException(database, owner, {
      ...{ exceptionId, justification: "Until the move is done", proofId },
    }),
  );
  await ask(colleagues.waiting, 5, "Covers for the colleague who rotates the keys.");
}
