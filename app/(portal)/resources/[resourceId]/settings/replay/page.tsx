import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { SaveSettingsOfRoles } from "@/components/roles/save-settings-of-roles";
import { SeveralReplayedCard } from "@/components/roles/several-replayed";
import { SharedChangeForm } from "@/components/roles/shared-change-form";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/activation/my-roles";
import { replaySeveral, rolesReplayedAtMost } from "@/lib/queries/roles/replay-several";
import { listRoles } from "@/lib/queries/roles/role-list";
import { changeIn, rolesIn, severalAddress } from "@/lib/web/change-address";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../open-resource";
import { prepareSettingsOfRoles, saveSettingsOfRoles } from "./actions";

export const metadata: Metadata = { title: "Edit several roles" };

export default async function ReplaySeveralPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "writeRoleSettings");
  const { database } = application();
  const query = await searchParams;
  const [change, chosen] = [changeIn(query), rolesIn(query)];
  const tooMany = chosen.length > rolesReplayedAtMost;
  const ready = chosen.length > 0 && !tooMany && Object.keys(change).length > 0;
  const caller = await requireCaller();
  const [roles, replayed, factor] = await Promise.all([
    listRoles(database, resource.id, { search: "", used: true, after: "" }),
    ready
      ? replaySeveral(database, caller, {
          resourceId: resource.id,
          roleDefinitionIds: chosen,
          change,
        })
      : null,
    hasFactor(database, caller),
  ]);
  const base = `/resources/${resource.id}`;
  const missing = tooMany
    ? `Choose at most ${rolesReplayedAtMost} roles.`
    : chosen.length === 0
      ? "Choose at least one role."
      : Object.keys(change).length === 0
        ? "Choose at least one setting to change."
        : null;
  return (
    <>
      <PageHeader
        title="Edit several roles"
        trail={trailInside(resource, { href: `${base}/settings`, label: "Role settings" })}
        description={`One change of role settings for several roles on ${isolated(resource.displayName)}. First see what it would have done to the requests of the last 90 days, then save it for all of them.`}
      />
      <SharedChangeForm
        action={`${base}/settings/replay`}
        roles={roles.rows}
        change={change}
        chosen={new Set(chosen)}
        missing={query.replay === undefined ? null : missing}
      />
      {replayed ? (
        <>
          <SeveralReplayedCard of={replayed} change={change} base={base} timeZone={await readerTimeZone()} />
          {replayed.roles.length > 0 ? (
            <SaveSettingsOfRoles
              key={replayed.roles.map(({ id, version }) => `${id} ${version}`).join()}
              resourceId={resource.id}
              roles={replayed.roles.map(({ id, roleName, version, present, settings, fault }) => ({
                ...{ id, roleName, version, present, settings, fault },
              }))}
              address={severalAddress(`${base}/settings/replay`, chosen, change)}
              list={`${base}/settings`}
              hasFactor={factor}
              save={saveSettingsOfRoles}
              prepare={prepareSettingsOfRoles}
            />
          ) : null}
        </>
      ) : null}
    </>
  );
}
