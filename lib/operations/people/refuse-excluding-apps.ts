import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { OtherFactors } from "@/lib/platform/other-factors";

/**
 * Refuses to exclude authenticator apps if that would leave the caller, or a break-glass account that
 * has an app now, without a second factor that counts. The caller administers the root, so one
 * administrator can always act. The rules are locked: a verb that removes such a factor meanwhile waits
 * for their row (`ways-in`), or its change is seen here.
 */
export async function refuseExcludingApps(
  transaction: Transaction,
  caller: Caller,
  others: OtherFactors,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const [own] = await transaction.$queryRaw<{ counts: boolean }[]>`
    SELECT (${others.passkeys} AND EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = ${caller.userId}::uuid
        AND f.kind = 'Passkey' AND (f.counts_from IS NULL OR f.counts_from <= postern_now())))
      OR EXISTS (SELECT FROM identity_links l WHERE l.principal_id = ${caller.userId}::uuid
        AND l.issuer = ANY (${[...others.issuers.any]}::text[]) AND link_counts(l.id)) AS counts`;
  const left = await transaction.$queryRaw<{ name: string }[]>`
    SELECT p.display_name AS name FROM break_glass_accounts b JOIN principals p ON p.id = b.user_id
    WHERE EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = p.id AND f.kind = 'App')
      AND NOT (${others.passkeys} AND EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = p.id AND f.kind = 'Passkey'
        AND (f.counts_from IS NULL OR f.counts_from <= postern_now())))
    ORDER BY lower(p.display_name), p.id`;
  const names = left.map(({ name }) => isolated(name)).join(", ");
  const missing = [
    ...(own?.counts ? [] : [ownMissing(others)]),
    ...(names === "" ? [] : [`These break-glass accounts would have no second factor left: ${names}.`]),
  ];
  if (missing.length === 0) return;
  const faults = [{ field: "authenticatorAppsConfirm", message: missing.join(" ") }];
  throw new Refusal({ code: "InvalidInput", faults }, entry);
}

function ownMissing({ passkeys, issuers }: OtherFactors): string {
  const provider = issuers.any.length > 0 ? ", or link an identity provider that confirms operations" : "";
  if (passkeys) return `First add a passkey of your own${provider}: you would have no second factor left.`;
  return provider === ""
    ? "Nothing else would count here: passkeys work only if Postern is served over HTTPS, and no identity provider confirms operations."
    : "First link an identity provider that confirms operations to your own account: you would have no second factor left.";
}
