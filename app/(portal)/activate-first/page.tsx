import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { z } from "zod";
import { ActivateButton } from "@/components/activation/activate-button";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { roleNeededAt } from "@/lib/queries/activation/activate-first";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { activate, prepareActivation, searchActivationScopes } from "../my-roles/actions";

export const metadata: Metadata = { title: "Activate first" };

const shape = z.object({
  role: z.uuid(),
  at: z.uuid(),
  next: z.string().max(2_000).transform(safeReturnPath).catch("/"),
});

/**
 * The target of notices on which somebody can act only after activating a role. It shows the activation of that
 * role at the resource in question, and then leads to the page that the notice is about. Readers who already
 * hold the role, or are no longer eligible for it, go there at once.
 */
export default async function ActivateFirstPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.safeParse(await props.searchParams).data;
  if (!query) redirect("/my-roles");
  const { database } = application();
  const [needed, factor] = await Promise.all([
    roleNeededAt(database, caller, query.role, query.at),
    ownsFactor(database, caller),
  ]);
  if (!needed || needed.held) redirect(query.next);
  const address = `/activate-first?${new URLSearchParams({ role: query.role, at: query.at, next: query.next })}`;
  return (
    <>
      <PageHeader
        title={`Activate ${isolated(needed.roleName)} first`}
        trail={[{ href: "/my-roles", label: "My roles" }]}
        description={
          needed.waiting === null ? (
            <>
              You need{" "}
              <strong>
                <Name of={needed.roleName} />
              </strong>{" "}
              on{" "}
              <strong>
                <Name of={needed.at.displayName} />
              </strong>{" "}
              to see the next page. It ends by itself.
            </>
          ) : (
            "You have already asked for this role. It is not active yet."
          )
        }
      />
      <div className="flex flex-wrap items-center gap-3">
        {needed.waiting === null ? (
          <ActivateButton
            primary
            key={address}
            eligibilityId={needed.id}
            roleName={needed.roleName}
            resourceName={needed.at.displayName}
            resourceId={needed.resourceId}
            scopeId={needed.at.id}
            hasFactor={factor}
            open
            returnPath={address}
            next={query.next}
            activate={activate}
            prepare={prepareActivation}
            searchScopes={searchActivationScopes}
          />
        ) : (
          <a className="button button-primary" href="/my-requests?show=waiting">
            My waiting requests
          </a>
        )}
        <a className="button" href={query.next}>
          Continue without activating
        </a>
      </div>
    </>
  );
}
