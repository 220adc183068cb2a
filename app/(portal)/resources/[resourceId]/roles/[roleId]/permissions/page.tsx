import { notFound } from "next/navigation";
import { z } from "zod";
import { trailInside } from "@/components/resources/resource-trail";
import { DeleteRole } from "@/components/roles/delete-role";
import { PermissionList } from "@/components/roles/permission-list";
import { OperationFields, VerdictLine } from "@/components/roles/permission-verdict";
import { Moment } from "@/components/ui/moment";
import { Sentence } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { explainRole, roleAtScopeText } from "@/lib/domain/roles/explain-permission";
import { mergedPermission } from "@/lib/domain/roles/role-definition";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { assignableAt } from "@/lib/queries/roles/role-definition";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../../open-resource";
import { nameByDefinition, openRoleDefinition, roleTitle } from "../../../../open-role";
import { removeRole } from "../../actions";

export const generateMetadata = roleTitle(
  "readRoleDefinitions",
  nameByDefinition,
  (name) => `Permissions of ${name}`,
);

const question = z.object({
  operation: z.string().trim().max(300).catch(""),
  kind: z.enum(["action", "dataAction"]).catch("action"),
  at: z
    .string()
    .trim()
    .max(2_000)
    .transform((text) => text.replaceAll("\0", ""))
    .catch(""),
});

export default async function RolePermissionsPage(props: {
  params: Promise<{ resourceId: string; roleId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId, roleId } = await props.params;
  const resource = await openResource(resourceId, "readRoleDefinitions");
  const role = await openRoleDefinition(resource.id, roleId);
  if (!role) notFound();
  const { operation, kind, at } = question.parse(await props.searchParams);
  const scope = at || resource.scope;
  const roles = `/resources/${resource.id}/roles`;
  const base = `${roles}/${role.id}`;
  const custom = role.roleType === "CustomRole";
  const editable = mergedPermission(role.permissions) !== null;
  const verdict = operation ? explainRole(role.permissions, operation, kind) : null;
  const where =
    verdict &&
    (await assignableAt(application().database, await requireCaller(), { roleDefinitionId: role.id, scope }));
  return (
    <>
      <PageHeader
        title={`Permissions of ${isolated(role.roleName)}`}
        trail={[
          ...trailInside(resource, { href: roles, label: "Roles" }),
          ...(role.nowhere ? [] : [{ href: base, label: role.roleName }]),
        ]}
        description={role.description}
      >
        {resource.may.writeRoleDefinitions && editable ? (
          <a className="button" href={`${roles}/new?clone=${role.id}`}>
            Clone
          </a>
        ) : null}
        {resource.may.writeRoleDefinitions && custom && editable ? (
          <a className="button" href={`${base}/edit`}>
            Edit
          </a>
        ) : null}
        {resource.may.deleteRoleDefinitions && custom ? (
          <DeleteRole roleDefinitionId={role.id} roleName={role.roleName} submit={removeRole} back={roles} />
        ) : null}
      </PageHeader>
      {role.nowhere ? (
        <p className="mb-5 card">
          This role cannot be assigned now: every resource of its assignable scopes is retired.{" "}
          {role.restorableUntil ? (
            <>
              It can be again once they are restored, until <Moment value={role.restorableUntil} />, or
            </>
          ) : (
            "It can be again"
          )}{" "}
          with other scopes. Until then no list shows it. Anyone who may write roles at the root can edit or
          delete it here.
        </p>
      ) : null}
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <section className="card min-w-0">
          <h2 className="mb-2">What it allows</h2>
          <PermissionList permissions={role.permissions} />
        </section>
        <div className="grid content-start gap-5">
          <section className="card">
            <h2 className="mb-2">Does this role allow it?</h2>
            <form action={`${base}/permissions`} className="flex flex-wrap items-end gap-2">
              <OperationFields operation={operation} kind={kind} />
              <label className="grow basis-full">
                <span className="label">Scope</span>
                <input
                  className="input font-mono"
                  name="at"
                  defaultValue={scope}
                  maxLength={2_000}
                  spellCheck={false}
                  autoComplete="off"
                />
              </label>
              <button type="submit" className="button">
                Test
              </button>
            </form>
            {verdict ? (
              <div role="status" className="mt-3">
                <VerdictLine allowed={verdict.decision === "allowed" && where !== null && where.assignable}>
                  <Sentence
                    of={
                      where === null
                        ? `Resource ${isolated(scope)} does not exist, or you may not see it.`
                        : roleAtScopeText(verdict, kind, where)
                    }
                  />
                </VerdictLine>
              </div>
            ) : null}
            <p className="mt-3 text-muted">
              To test what a person can do, use{" "}
              <a href={`/resources/${resource.id}/check-access`}>Check access</a>.
            </p>
          </section>
          <section className="card">
            <h2 className="mb-2">About</h2>
            <dl>
              {[
                ["Type", custom ? "Custom" : "Built-in"],
                ["In use by", role.uses === 1 ? "1 assignment" : `${role.uses} assignments`],
                ["Role definition id", <code key="id">{role.id}</code>],
                [
                  "Assignable scopes",
                  <ul key="scopes">
                    {role.assignableScopes.map((scope) => (
                      <li key={scope}>
                        <code>{scope}</code>
                      </li>
                    ))}
                  </ul>,
                ],
              ].map(([label, value]) => (
                <div
                  key={String(label)}
                  className="grid grid-cols-[9rem_1fr] gap-3 border-b border-line py-1.5 last:border-0"
                >
                  <dt className="text-muted">{label}</dt>
                  <dd className="break-words">{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
      </div>
    </>
  );
}
