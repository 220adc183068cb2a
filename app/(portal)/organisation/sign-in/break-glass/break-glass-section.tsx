import { NameBreakGlassAccount, RemoveBreakGlassAccount } from "@/components/people/break-glass-actions";
import { BreakGlassUses } from "@/components/people/break-glass-uses";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { EmptyState } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Rows, Section } from "@/components/ui/section";
import { mostBreakGlassAccounts, unreadiness } from "@/lib/domain/people/break-glass-account";
import type { BreakGlassAccount, BreakGlassUse } from "@/lib/queries/people/break-glass-accounts";
import {
  closeSignInReview,
  findAccounts,
  nameAccount,
  prepareNaming,
  prepareRemoval,
  removeAccount,
} from "./actions";

/** The list of break-glass accounts, and the reviews of their sign-ins that are open. */
export function BreakGlassSection(props: {
  accounts: readonly BreakGlassAccount[];
  uses: readonly BreakGlassUse[];
  hasFactor: boolean;
}) {
  const { accounts, uses, hasFactor } = props;
  return (
    <Section
      id="break-glass"
      title="Break-glass accounts"
      className="mt-8 max-w-3xl"
      aside={
        accounts.length < mostBreakGlassAccounts ? (
          <NameBreakGlassAccount
            submit={nameAccount}
            prepare={prepareNaming}
            hasFactor={hasFactor}
            search={findAccounts}
          />
        ) : null
      }
    >
      <p className="mb-3 text-muted">
        Accounts for when nothing else works. Nothing disables them, and all administrators are notified of
        each sign-in with one at once.
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {uses.length > 0 ? <BreakGlassUses uses={uses} close={closeSignInReview} /> : null}
        {accounts.length === 0 ? (
          <EmptyState title="No break-glass accounts">
            Add one whose password and second factor are kept in a safe, for the day when an identity provider
            or a directory fails.
          </EmptyState>
        ) : (
          <Rows label="Break-glass accounts">
            {accounts.map((account) => (
              <Row
                key={account.principal.id}
                end={
                  <RemoveBreakGlassAccount
                    submit={removeAccount}
                    prepare={prepareRemoval}
                    hasFactor={hasFactor}
                    account={account.principal}
                  />
                }
              >
                <PrincipalName of={account.principal} />
                <LongText of={account.reason} />
                <span className="block text-muted">
                  Named <Moment value={account.namedAt} /> by <PrincipalName of={account.namedBy} inline />
                </span>
                {unreadiness(account).map((why) => (
                  <strong key={why} className="block text-danger">
                    {why}
                  </strong>
                ))}
              </Row>
            ))}
          </Rows>
        )}
      </div>
    </Section>
  );
}
