import type { Metadata } from "next";
import { z } from "zod";
import { trailInside } from "@/components/resources/resource-trail";
import { OperationFields, VerdictLine } from "@/components/roles/permission-verdict";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Name, Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader, TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { principalText } from "@/lib/domain/people/principal-identity";
import { verdictText } from "@/lib/domain/roles/explain-permission";
import { longestSearch } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { checkAccess } from "@/lib/queries/roles/role-definition";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Check access" };

const shape = z.object({
  search: z
    .string()
    .max(longestSearch)
    .transform((text) => text.replaceAll("\0", "").trim())
    .catch(""),
  principal: z.uuid().or(z.literal("")).catch(""),
  operation: z.string().trim().max(300).catch(""),
  kind: z.enum(["action", "dataAction"]).catch("action"),
});

export default async function CheckAccessPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const asked = shape.parse(await props.searchParams);
  const { search, principal, operation, kind } = asked;
  const { database } = application();
  const base = `/resources/${resource.id}/check-access`;
  const found = search.length >= 2 && !principal ? await searchPrincipals(database, search) : [];
  const answer = principal
    ? await checkAccess(database, resource.id, { principalId: principal, operation, kind })
    : null;
  const allowed = answer?.roles.some((role) => role.verdict.decision === "allowed") ?? false;
  return (
    <>
      <PageHeader
        title="Check access"
        trail={trailInside(resource)}
        description={`Test what somebody can do on ${isolated(resource.displayName)} now, and which role allows it.`}
      />
      <div className="grid gap-5">
        {answer ? (
          <section className="card">
            <div className="mb-3 flex flex-wrap items-center gap-3">
              <h2 className="grow">
                Can <PrincipalName of={answer.principal} inline /> do it?
              </h2>
              {resource.may.readAudit ? (
                <a className="button" href={historyPage(answer.principal.id)}>
                  History
                </a>
              ) : null}
              <a className="button" href={base}>
                Somebody else
              </a>
            </div>
            <form action={base} className="flex flex-wrap items-end gap-2">
              <input type="hidden" name="principal" value={principal} />
              <OperationFields operation={operation} kind={kind} />
              <button type="submit" className="button">
                Test
              </button>
            </form>
            {operation ? (
              <div role="status" className="mt-3">
                <VerdictLine allowed={allowed}>
                  <Sentence
                    of={
                      answer.principal.disabled
                        ? `No. ${principalText(answer.principal)} is disabled and has no access.`
                        : allowed
                          ? "Yes. A role below allows it."
                          : "No. No role that they hold now allows it."
                    }
                  />
                </VerdictLine>
              </div>
            ) : null}
          </section>
        ) : (
          <section className="card">
            <h2 className="mb-3">Whose access?</h2>
            <form action={base} className="flex flex-wrap items-end gap-2">
              <label className="grow sm:max-w-sm">
                <span className="label">Search users and groups</span>
                <input className="input" type="search" name="search" defaultValue={search} minLength={2} />
              </label>
              <button type="submit" className="button">
                Search
              </button>
            </form>
            {search ? (
              <ul className="mt-3">
                {found.map((each) => (
                  <li key={each.id} className="border-b border-line py-1.5 last:border-0">
                    <PrincipalWithFormer
                      of={each}
                      href={`${base}?${new URLSearchParams({ principal: each.id })}`}
                    />
                  </li>
                ))}
                {found.length === 0 ? <li className="text-muted">No user or group matches.</li> : null}
              </ul>
            ) : null}
          </section>
        )}
        {answer && answer.roles.length > 0 ? (
          <TableRegion
            label="Roles held now"
            head={operation ? ["Role", "Held at", "Through", "Answer"] : ["Role", "Held at", "Through"]}
          >
            {answer.roles.map((role) => (
              <tr key={role.assignmentId}>
                <td>
                  <Name of={role.roleName} />
                  <br />
                  <span className="text-muted">{role.assignmentType}</span>
                </td>
                <td>
                  <Name of={role.resourceName} />
                  <br />
                  <code className="text-muted">{role.scope}</code>
                </td>
                <td>{role.group ? <PrincipalName of={role.group} /> : "Directly"}</td>
                {operation ? (
                  <td>
                    <Sentence of={verdictText(role.verdict, kind)} />
                  </td>
                ) : null}
              </tr>
            ))}
          </TableRegion>
        ) : null}
        {answer && answer.roles.length === 0 ? (
          <EmptyState title="No role now">
            <PrincipalName of={answer.principal} inline /> holds no role here or above now.
          </EmptyState>
        ) : null}
      </div>
    </>
  );
}
