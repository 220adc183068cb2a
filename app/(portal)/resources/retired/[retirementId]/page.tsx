import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ConfirmShown } from "@/components/resources/confirm-shown";
import { RestoreLists } from "@/components/resources/restore-lists";
import { Moment } from "@/components/ui/moment";
import { Name, Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { previewRestoration } from "@/lib/queries/resources/retire-preview";
import { retiredResource } from "@/lib/queries/resources/retired-resources";
import { rolesOfRetired } from "@/lib/queries/roles/role-definition";
import { requireCaller } from "@/lib/web/request";
import { prepareRestoration, restore } from "./actions";

export const metadata: Metadata = { title: "Retired resource" };

export default async function RetiredResourcePage(props: { params: Promise<{ retirementId: string }> }) {
  const retirementId = (await props.params).retirementId.toLowerCase();
  if (!isUuid(retirementId)) notFound();
  const { database } = application();
  const caller = await requireCaller();
  const row = await retiredResource(database, caller, retirementId);
  if (row === null) notFound();
  const [preview, factor, { roles, rootId }] = await Promise.all([
    previewRestoration(database, caller, retirementId),
    ownsFactor(database, caller),
    rolesOfRetired(database, caller, retirementId),
  ]);
  const below = row.resources - 1;
  return (
    <>
      <PageHeader
        title={isolated(row.displayName)}
        trail={[
          { href: "/resources", label: "Resources" },
          { href: "/resources/retired", label: "Retired resources" },
        ]}
        description="Retired. Nobody has access to it."
      />
      <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-6">
        <div className="card">
          <p>
            <Name of={row.retiredByName} /> retired it{" "}
            {below === 0 ? "" : `with ${below} ${below === 1 ? "resource" : "resources"} below it `}on{" "}
            <Moment value={row.retiredAt} />: <Sentence of={isolated(row.justification)} />
          </p>
          <p className="mt-1 wrap-anywhere">
            It was below <Name of={row.parentName} />, as <code>{visible(row.scope)}</code>.{" "}
            {row.undoUntil ? (
              <>
                It can be restored until <Moment value={row.undoUntil} />.
              </>
            ) : (
              "It stays retired."
            )}
          </p>
          {roles.length === 0 ? null : (
            <>
              <p className="mt-3">
                While it is retired, these custom roles cannot be assigned anywhere. Anyone who may write
                roles at the root can edit or delete them.
              </p>
              <ul className="mt-1 wrap-anywhere">
                {roles.map((role) => (
                  <li key={role.id}>
                    {rootId === null ? (
                      <Name of={role.roleName} />
                    ) : (
                      <a href={`/resources/${rootId}/roles/${role.id}/permissions`}>
                        <Name of={role.roleName} />
                      </a>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
        {row.undoUntil === null ? null : preview === null ? (
          <EmptyState title="It cannot be restored now">
            <Name of={row.parentName} />, the resource above it, is retired too. Restore that first.
          </EmptyState>
        ) : "code" in preview ? (
          <EmptyState title="It cannot be restored now">
            <Sentence of={errorMessage(preview)} />
          </EmptyState>
        ) : (
          <>
            <RestoreLists rows={preview.rows} people={preview.people} />
            <div className="card">
              <ConfirmShown
                key={preview.preview}
                fields={{ retirementId, preview: preview.preview }}
                submitLabel={`Restore below ${isolated(preview.parent.displayName)}`}
                reasonRequired
                hasFactor={factor}
                back="/resources/retired"
                returnPath={`/resources/retired/${retirementId}`}
                submit={restore}
                prepare={prepareRestoration}
              />
            </div>
          </>
        )}
      </div>
    </>
  );
}
