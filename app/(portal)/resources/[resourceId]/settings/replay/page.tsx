import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { SaveSettingsOfRoles } from "@/components/roles/save-settings-of-roles";
import { SeveralReplayedCard } from "@/components/roles/several-replayed";
import { SharedChangeForm } from "@/components/roles/shared-change-form";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { replaySeveral, rolesReplayedAtMost } from "@/lib/queries/roles/replay-several";
import { listRoles } from "@/lib/queries/roles/role-list";
import { settingsToShare } from "@/lib/queries/roles/settings-to-take";
import { changeIn, rolesIn, severalAddress, startIn } from "@/lib/web/change-address";
import { readerTimes } from "@/lib/web/reader-zone";
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
  const caller = await requireCaller();
  const toShare = await settingsToShare(database, caller, resource.id, startIn(query));
  if (!toShare) notFound();
  const start = toShare.taken?.source.key ?? null;
  const nothing = start === null && Object.keys(change).length === 0;
  const ready = chosen.length > 0 && !tooMany && !nothing;
  const [roles, replayed, factor] = await Promise.all([
    listRoles(database, resource.id, { search: "", used: true, after: "" }),
    ready
      ? replaySeveral(database, caller, {
          resourceId: resource.id,
          roleDefinitionIds: chosen,
          start: toShare.taken?.settings ?? null,
          change,
        })
      : null,
    ownsFactor(database, caller),
  ]);
  const base = `/resources/${resource.id}`;
  const missing = tooMany
    ? `Choose at most ${rolesReplayedAtMost} roles.`
    : chosen.length === 0
      ? "Choose at least one role."
      : nothing
        ? "Choose at least one setting to change, or what to start from."
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
        sources={toShare.sources}
        start={start}
        chosen={new Set(chosen)}
        missing={query.replay === undefined ? null : missing}
      />
      {replayed ? (
        <>
          <SeveralReplayedCard
            of={replayed}
            change={change}
            start={start}
            base={base}
            times={await readerTimes()}
          />
          {replayed.roles.length > 0 ? (
            <SaveSettingsOfRoles
              key={replayed.roles.map(({ id, version }) => `${id} ${version}`).join()}
              resourceId={resource.id}
              roles={replayed.roles.map(({ id, roleName, version, present, settings, weakened, fault }) => ({
                ...{ id, roleName, version, present, settings, weakened, fault },
              }))}
              address={severalAddress(`${base}/settings/replay`, chosen, change, start)}
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
