"use client";

import { useRouter } from "next/navigation";
import { Fragment, useEffect, useState } from "react";
import { ApprovalFields } from "@/components/roles/approval-fields";
import type { EditJudgement } from "@/components/roles/judge-edit";
import { NotificationFields } from "@/components/roles/notification-fields";
import { PeriodField } from "@/components/roles/period-field";
import { SettingCheck } from "@/components/roles/setting-check";
import { SettingsChanges, WeakerMark } from "@/components/roles/settings-changes";
import { SettingsInput } from "@/components/roles/settings-input";
import { ReplayLine, SettingsReplayPanel } from "@/components/roles/settings-replay";
import { useEditParts } from "@/components/roles/use-edit-parts";
import { type ReplayProps, useSettingsReplay } from "@/components/roles/use-settings-replay";
import { TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { useUnsavedChanges } from "@/components/ui/forms/unsaved-changes";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { activeMaximumDaysChoices, eligibleMaximumDaysChoices } from "@/lib/domain/roles/duration-choices";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Check = React.ComponentProps<typeof SettingCheck>;
const mfaOn = "Require Multi-Factor Authentication on";

/** The settings that somebody else saved in the meantime. */
export interface NewerSettings {
  readonly settings: RoleSettings;
  readonly version: number;
  readonly changedBy: string | null;
  readonly approvers: readonly NamedPrincipal[];
}

export type SaveOutcome = FormOutcome & { readonly newer?: NewerSettings };

/** The edit form of role settings, with **Save** and **Cancel**. A stale edit is shown beside the newer settings. */
export function EditRoleSettings(
  props: ReplayProps & {
    settings: RoleSettings;
    version: number;
    approvers: readonly NamedPrincipal[];
    /** The initial values of the edit: taken from elsewhere, or sent in the address if there are no scripts. */
    typed: RoleSettings | null;
    taken: string | null;
    /** What the initial values change. */
    judged: EditJudgement;
    hasFactor: boolean;
    /** Who would be affected by a choice of phishing-resistant factors on activation. */
    concerned: React.ReactNode;
    /** The same for direct assignment. */
    assigning: React.ReactNode;
    back: string;
    save: (form: FormData) => Promise<SaveOutcome>;
    prepare: (form: FormData) => Promise<PreparedChallenge>;
    search: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
    allowedMailDomains: readonly string[];
  },
) {
  const router = useRouter();
  const [base, setBase] = useState({ settings: props.settings, version: props.version });
  const [settings, setSettings] = useState(props.typed ?? props.settings);
  const [newer, setNewer] = useState<NewerSettings | null>(null);
  const [revision, setRevision] = useState(0);
  const [people, setPeople] = useState(() => new Map(props.approvers.map((each) => [each.id, each])));

  const { parts, near, comeNear } = useEditParts();
  const [first] = useState(settings);
  const touched = settings !== first;

  // The page may have come with a change, a draft may bring one, and one may be made before the form was pointed at.
  const changing = touched || props.replayed !== null;
  useEffect(() => {
    if (changing) comeNear();
  }, [changing, comeNear]);
  const change = (changes: Partial<RoleSettings>) => {
    comeNear();
    setSettings((now) => ({ ...now, ...changes }));
  };
  const meet = (met: readonly NamedPrincipal[]) =>
    setPeople((known) => new Map([...known, ...met.map((each) => [each.id, each] as const)]));
  const replace = (all: RoleSettings) => {
    setSettings(all);
    setRevision((count) => count + 1);
  };
  const judged = parts
    ? parts.judgeEdit(base.settings, settings, people, props.allowedMailDomains)
    : props.judged;
  const { changed } = judged;
  const mark = (name: keyof RoleSettings) => <WeakerMark rows={changed.filter((row) => row.name === name)} />;
  const replay = useSettingsReplay(props, base.version, judged, parts);
  const guard = useUnsavedChanges(changed.length > 0 || (!parts && touched));

  const check = (name: Check["name"], label: string, concerned?: React.ReactNode) => (
    <SettingCheck {...{ name, label, settings, change, mark, concerned }} />
  );
  const period = (
    name: "eligibleMaximumDays" | "activeMaximumDays",
    words: { readonly label: string; readonly permanent: string },
    choices: readonly number[],
  ) => (
    <div>
      <PeriodField
        {...words}
        name={name}
        choices={choices}
        days={settings[name]}
        onChange={(days) => change({ [name]: days })}
      />
      {mark(name)}
    </div>
  );

  return (
    <>
      {newer && parts ? (
        <parts.SettingsConflict
          before={base.settings}
          yours={settings}
          theirs={newer.settings}
          changedBy={newer.changedBy}
          nameOf={parts.nameAmong(people)}
          onContinue={() => {
            replace(parts.mergedSettings(base.settings, settings, newer.settings));
            setBase({ settings: newer.settings, version: newer.version });
            setNewer(null);
          }}
        />
      ) : null}
      <div ref={near} className="settings-edit">
        <div className="card">
          <ProtectedForm
            key={base.version}
            id={replay.form}
            submit={async (form) => {
              const outcome = await props.save(form);
              if (outcome.newer) {
                comeNear();
                meet(outcome.newer.approvers);
                setNewer(outcome.newer);
              }
              return outcome;
            }}
            prepare={props.prepare}
            // Only the server knows the settings of other levels. If the edit weakens protection because of
            // them, it asks for a code.
            needsCode={replay.scripted && judged.weakens}
            hasFactor={props.hasFactor}
            submitLabel="Save"
            returnPath={`${props.back}/edit`}
            onDone={() => {
              guard.done();
              router.push(props.back);
            }}
            onCancel={() => guard.leave(props.back)}
          >
            <input type="hidden" name="roleDefinitionId" value={props.roleDefinitionId} />
            <input type="hidden" name="resourceId" value={props.resourceId} />
            <input type="hidden" name="expectedVersion" value={base.version} />
            <input type="hidden" name="take" value={props.taken ?? ""} />
            <SettingsInput
              settings={settings}
              people={people}
              scripted={replay.scripted}
              draftKey={`postern-draft:${props.back}/edit`}
              onDraft={(typed, met) => {
                meet(met);
                replace(typed);
              }}
            />
            <h2>Activation</h2>
            <TextField
              key={revision}
              label="Activation maximum duration (hours)"
              name="activationMaximumMinutes"
              type="number"
              min={0.5}
              max={24}
              step={0.5}
              defaultValue={settings.activationMaximumMinutes / 60}
              onChange={(event) =>
                change({ activationMaximumMinutes: event.currentTarget.valueAsNumber * 60 })
              }
              hint="0.5 to 24, in steps of half an hour."
            />
            {mark("activationMaximumMinutes")}
            {check("activationRequiresMfa", `${mfaOn} activation`, props.concerned)}
            {check("activationRequiresJustification", "Require justification on activation")}
            {check("activationRequiresTicket", "Require ticket information on activation")}
            <ApprovalFields
              settings={settings}
              revision={revision}
              people={people}
              search={(text) => props.search(props.resourceId, text)}
              onMeet={meet}
              onChange={change}
            />
            {(
              [
                "approvalRequired",
                "approvalStages",
                "approvalRequiresStepUp",
                "provisioningRequiresMfa",
                "breakGlassMaximumMinutes",
              ] as const
            ).map((name) => (
              <Fragment key={name}>{mark(name)}</Fragment>
            ))}
            <h2 className="mt-2">Assignment</h2>
            {period(
              "eligibleMaximumDays",
              {
                label: "Expire eligible assignments after",
                permanent: "Allow permanent eligible assignment",
              },
              eligibleMaximumDaysChoices,
            )}
            {period(
              "activeMaximumDays",
              { label: "Expire active assignments after", permanent: "Allow permanent active assignment" },
              activeMaximumDaysChoices,
            )}
            {check("assignmentRequiresMfa", `${mfaOn} direct assignment`, props.assigning)}
            {check("assignmentRequiresJustification", "Require justification on direct assignment")}
            <h2 className="mt-2">Notification</h2>
            <NotificationFields
              settings={settings.notifications}
              revision={revision}
              onChange={(notifications) => change({ notifications })}
            />
            {mark("notifications")}
            {changed.length > 0 ? (
              <>
                <SettingsChanges rows={changed} />
                <ReplayLine of={replay} />
              </>
            ) : null}
          </ProtectedForm>
        </div>
        <SettingsReplayPanel of={replay} />
      </div>
      {guard.question}
    </>
  );
}
