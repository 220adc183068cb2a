import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { editForm } from "@/components/roles/edit-form";
import { EditRoleSettings } from "@/components/roles/edit-role-settings";
import { AssigningConcerned, EligibleConcerned } from "@/components/roles/eligible-concerned";
import { judgeEdit } from "@/components/roles/judge-edit";
import { ReplayFigures, replayInWords } from "@/components/roles/replay-figures";
import { ReplayLimits } from "@/components/roles/replay-limits";
import { TakeSettings } from "@/components/roles/take-settings";
import { PageHeader } from "@/components/ui/page-parts";
import { changedSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import {
  assigningWithoutResistant,
  peopleWithoutResistant,
} from "@/lib/queries/assignments/people-without-resistant";
import { readAllowedMailDomains } from "@/lib/queries/notifications/organisation";
import { replaySettings } from "@/lib/queries/roles/replay-settings";
import { settingsToTake } from "@/lib/queries/roles/settings-to-take";
import { accessAddress } from "@/lib/web/access-address";
import { changeIn, startIn } from "@/lib/web/change-address";
import { readerTimes } from "@/lib/web/reader-zone";
import { shownIn, typedSettings } from "@/lib/web/replay-address";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../../../open-resource";
import { nameBySettings, openRoleSettings, roleTitle } from "../../../../../open-role";
import { findApprovers, prepareRoleSettings, replayRoleSettings, saveRoleSettings } from "./actions";

export const generateMetadata = roleTitle(
  "writeRoleSettings",
  nameBySettings,
  (name) => `Edit role settings of ${name}`,
);

export default async function EditRoleSettingsPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string; roleId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId, roleId } = await params;
  const resource = await openResource(resourceId, "writeRoleSettings");
  const { configuration, database } = application();
  const caller = await requireCaller();
  const query = await searchParams;
  const asked = startIn(query);
  const issuers = confirmingIssuers(configuration.identityProviders);
  const [found, factor, allowedMailDomains, toTake] = await Promise.all([
    openRoleSettings(resource.id, roleId),
    ownsFactor(database, caller),
    readAllowedMailDomains(database),
    settingsToTake(database, caller, { resourceId: resource.id, roleDefinitionId: roleId }, asked),
  ]);
  if (!found || !toTake) notFound();
  const place = { resourceId: resource.id, roleDefinitionId: found.role.id };
  const [eligible, assigning] = await Promise.all([
    peopleWithoutResistant(database, place, issuers),
    assigningWithoutResistant(database, resource.id, issuers),
  ]);
  const lacking = accessAddress({ ...place, state: "Eligible", withoutMfa: "resistant" });
  const taken = toTake.taken?.settings ?? null;
  const start = taken ?? found.settings;
  const changed = query.change === undefined ? null : { ...start, ...changeIn(query) };
  // Without scripts, the form sends what was typed in the address.
  const typed = typedSettings(start, query) ?? changed ?? taken;
  const shown = shownIn(query);
  const result = typed && (await replaySettings(database, caller, { ...place, settings: typed }, shown));
  const times = await readerTimes();
  const replayed = result && {
    result,
    sentence: replayInWords(result, times),
    figures: <ReplayFigures {...{ result, shown, times, form: editForm, resourceId: resource.id }} />,
  };
  const approvers = [...found.approvers, ...(toTake.taken?.approvers ?? [])];
  const people = new Map(approvers.map((each) => [each.id, each]));
  const back = `/resources/${resource.id}/roles/${found.role.id}/settings`;
  return (
    <>
      <PageHeader
        title="Edit role settings"
        trail={trailInside(
          resource,
          { href: `/resources/${resource.id}/settings`, label: "Role settings" },
          { href: `/resources/${resource.id}/roles/${found.role.id}`, label: found.role.roleName },
          { href: `/resources/${resource.id}/roles/${found.role.id}/settings`, label: "Role setting detail" },
        )}
        description={`${isolated(found.role.roleName)} on ${isolated(resource.displayName)}. Changes that weaken protection need a code.`}
      />
      <TakeSettings
        of={toTake}
        same={taken !== null && changedSettings(found.settings, taken).length === 0}
      />
      <EditRoleSettings
        settings={found.settings}
        version={found.version}
        approvers={approvers}
        judged={judgeEdit(found.settings, typed ?? found.settings, people, allowedMailDomains)}
        taken={toTake.taken?.source.key ?? null}
        roleDefinitionId={found.role.id}
        resourceId={resource.id}
        limits={<ReplayLimits resourceName={resource.displayName} />}
        typed={typed}
        replayed={replayed}
        replay={replayRoleSettings}
        times={times}
        hasFactor={factor}
        concerned={<EligibleConcerned people={eligible} list={lacking} />}
        assigning={<AssigningConcerned people={assigning} />}
        allowedMailDomains={allowedMailDomains}
        back={back}
        save={saveRoleSettings}
        prepare={prepareRoleSettings}
        search={findApprovers}
      />
    </>
  );
}
