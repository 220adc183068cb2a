import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { principalText } from "@/lib/domain/people/principal-identity";
import { notificationGroups, roleSettingSections, stricterAbove } from "@/lib/domain/roles/role-setting-rows";
import { isolated } from "@/lib/domain/text/visible-text";
import { openResource } from "../../../../open-resource";
import { nameBySettings, openRoleSettings, roleTitle } from "../../../../open-role";

export const generateMetadata = roleTitle(
  "readRoleSettings",
  nameBySettings,
  (name) => `Role settings of ${name}`,
);

export default async function RoleSettingDetailPage({
  params,
}: {
  params: Promise<{ resourceId: string; roleId: string }>;
}) {
  const { resourceId, roleId } = await params;
  const resource = await openResource(resourceId, "readRoleSettings");
  const found = await openRoleSettings(resource.id, roleId);
  if (!found) notFound();
  const { settings, role } = found;
  const names = new Map(
    found.approvers.map((each) => [
      each.id,
      each.disabled ? `${principalText(each)}, disabled` : principalText(each),
    ]),
  );
  const nameOf = (id: string) => names.get(id) ?? "Unknown principal";
  const sections = roleSettingSections(settings, nameOf);
  const stricter = stricterAbove(settings, found.above, nameOf);
  return (
    <>
      <PageHeader
        title="Role setting detail"
        trail={trailInside(
          resource,
          { href: `/resources/${resource.id}/settings`, label: "Role settings" },
          { href: `/resources/${resource.id}/roles/${role.id}`, label: role.roleName },
        )}
        description={`${isolated(role.roleName)} on ${isolated(resource.displayName)}`}
      >
        <a className="button" href={`/resources/${resource.id}/roles/${role.id}`}>
          Members
        </a>
        {resource.may.writeRoleSettings ? (
          <a
            className="button button-primary"
            href={`/resources/${resource.id}/roles/${role.id}/settings/edit`}
          >
            Edit
          </a>
        ) : null}
      </PageHeader>
      <p className="mb-4 text-muted">
        {found.updatedAt ? (
          <>
            Changed by {found.updatedBy ? <PrincipalName of={found.updatedBy} inline /> : "Postern"} on{" "}
            <Moment value={found.updatedAt} />.
          </>
        ) : (
          "Built-in default. Nobody has edited these settings."
        )}
      </p>
      {stricter.length > 0 ? (
        <section className="card mb-5">
          <h2 className="mb-1">Settings in force</h2>
          <p className="mb-2 text-muted">
            Stricter settings of a level above also apply: to every assignment here, and to activations whose
            eligibility is at that level or above.
          </p>
          <dl>
            {stricter.map(({ label, here, counts, from }) => (
              <div key={label} className="flex justify-between gap-4 border-b border-line py-2 last:border-0">
                <dt className="min-w-0 text-muted">{label}</dt>
                <dd className="max-w-[60%] shrink-0 text-right font-medium wrap-anywhere">
                  {counts}
                  <span className="block font-normal text-muted">
                    {here === null ? "Not set here" : `Here: ${here}`}. From{" "}
                    {from.map((level, index) => (
                      <span key={level.resourceId}>
                        {index > 0 ? ", " : ""}
                        <a href={`/resources/${level.resourceId}/roles/${role.id}/settings`}>
                          <bdi>
                            <Name of={level.displayName} />
                          </bdi>
                        </a>
                      </span>
                    ))}
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ) : null}
      <div className="grid gap-5 xl:grid-cols-2">
        {sections.map((section) =>
          section.title === "Notification" ? (
            <section key={section.title} className="card xl:col-span-2">
              <h2 className="mb-2">{section.title}</h2>
              <div className="grid gap-x-6 gap-y-4 lg:grid-cols-3">
                {notificationGroups(settings).map(({ event, rows }) => (
                  <div key={event}>
                    <h3 className="pt-1 font-semibold">{event}</h3>
                    <SettingList rows={rows.map(({ recipient, value }) => ({ label: recipient, value }))} />
                  </div>
                ))}
              </div>
            </section>
          ) : (
            <section key={section.title} className="card">
              <h2 className="mb-2">{section.title}</h2>
              <SettingList rows={section.rows} />
            </section>
          ),
        )}
      </div>
    </>
  );
}

function SettingList({ rows }: { rows: readonly { readonly label: string; readonly value: string }[] }) {
  return (
    <dl>
      {rows.map(({ label, value }) => (
        <div key={label} className="flex justify-between gap-4 border-b border-line py-2 last:border-0">
          <dt className="min-w-0 text-muted">{label}</dt>
          <dd className="max-w-[60%] shrink-0 text-right font-medium wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
