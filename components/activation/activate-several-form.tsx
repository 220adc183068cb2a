"use client";

import { useState } from "react";
import { ReasonFields, StartFields } from "@/components/activation/activation-fields";
import { draftOf } from "@/components/activation/activation-panel";
import { DurationField } from "@/components/activation/duration-field";
import { endInWords, freeMinutes } from "@/components/activation/taken-words";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { OutcomeList } from "@/components/ui/outcome-list";
import { useReaderTimes } from "@/components/ui/reader-times";
import { possibleDurations } from "@/lib/domain/gate/activation-time";
import { activationTakesResistant, asksFreshCode } from "@/lib/domain/roles/factors-asked";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { ActivationTerms } from "@/lib/queries/activation/activation-terms";
import type { SeveralTerms } from "@/lib/queries/activation/activations-asked";
import type { FormOutcome, ItemOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface RoleToActivate {
  /** The eligibility's id, or another key that identifies it in a list. */
  readonly id: string;
  /** The eligibility's id, if `id` is another key. */
  readonly eligibilityId?: string;
  readonly resourceId: string;
  readonly roleName: string;
  readonly resourceName: string;
}

export interface ActivateSeveralActions {
  readonly activateSeveral: (form: FormData) => Promise<FormOutcome>;
  readonly prepareSeveral: (form: FormData) => Promise<PreparedChallenge>;
  /** The conditions of each role; null if the caller is not eligible. */
  readonly readSeveral: (
    items: readonly { eligibilityId: string; resourceId: string }[],
  ) => Promise<SeveralTerms>;
}

export interface SeveralProps extends ActivateSeveralActions {
  readonly roles: readonly RoleToActivate[];
  readonly hasFactor: boolean;
  /** Deselects roles, once they are active or can no longer be activated. */
  readonly leaveOut: (ids: readonly string[]) => void;
  readonly onClose: () => void;
  /** The conditions of the roles, if they have been read. */
  readonly read?: SeveralTerms;
  /** Roles that were left out before. */
  readonly without?: readonly LeftOut[];
  /** The bundle to which the roles belong, for the log. */
  readonly bundleId?: string;
  /** The page to return to after setting up an authenticator app, if not the selection. */
  readonly returnPath?: string;
}

/** Why a role cannot be activated with the others. */
export interface LeftOut {
  readonly role: Pick<RoleToActivate, "id" | "roleName" | "resourceName">;
  readonly why: string;
}

export const eligibilityOf = (role: RoleToActivate) => role.eligibilityId ?? role.id;

export interface Ready extends ActivationTerms {
  readonly role: RoleToActivate;
}

/** The name of a role in a list of several. */
export function named(role: LeftOut["role"], note?: string) {
  return { id: role.id, name: `${isolated(role.roleName)} on ${isolated(role.resourceName)}`, note };
}

/** The form for several activations: one start, duration, reason and code for all. */
export function SeveralForm(
  props: SeveralProps & {
    ready: readonly Ready[];
    reasons: readonly string[];
    outcomes: ReadonlyMap<string, ItemOutcome>;
    submit: (form: FormData) => Promise<FormOutcome>;
    onDone: (everything: boolean) => void;
  },
) {
  const { ready } = props;
  const times = useReaderTimes();
  const returnPath = props.returnPath ?? `/my-roles?select=${ready.map(({ role }) => role.id).join(",")}`;
  const [draft] = useState(() => draftOf(returnPath));
  const [later, setLater] = useState(draft.get("when") === "later");
  const limits = ready.map(({ settings, eligibilityMinutes, taken, now }) =>
    possibleDurations(
      settings.activationMaximumMinutes,
      eligibilityMinutes,
      later ? null : freeMinutes(taken, now),
    ),
  );
  const shared = Math.min(...limits.map((each) => each.longest));
  const longest = Math.max(...limits.map((each) => each.longest));
  const shortest = Math.min(...limits.map((each) => each.shortest));
  const drafted = draft.get("duration");
  const [duration, setDuration] = useState(drafted ? Number(drafted) * 60 : shared);
  const minutes = Math.max(Math.min(duration, longest), shortest);
  const own = (index: number) => {
    const limit = limits[index];
    return limit ? Math.max(Math.min(minutes, limit.longest), limit.shortest) : minutes;
  };
  const items = ready.map(({ role }, index) => ({
    eligibilityId: eligibilityOf(role),
    resourceId: role.resourceId,
    durationMinutes: own(index),
  }));
  const timeOf = ({ settings, now }: Ready, index: number) => {
    const lasting = own(index);
    const time = settings.approvalRequired
      ? `for ${minutesInWords(lasting)}, once approved${asksFreshCode(settings) ? " and a new code entered" : ""}`
      : later
        ? minutesInWords(lasting)
        : `until ${endInWords(now.getTime(), lasting, times)}`;
    return lasting < minutes ? `${time} (at most ${minutesInWords(lasting)})` : time;
  };
  const any = (
    rule: "activationRequiresMfa" | "activationRequiresJustification" | "activationRequiresTicket",
  ) => ready.some(({ settings }) => settings[rule]);
  return (
    <ProtectedForm
      submit={props.submit}
      prepare={props.prepareSeveral}
      needsCode={any("activationRequiresMfa")}
      resistantOnly={ready.some(({ settings }) => activationTakesResistant(settings))}
      hasFactor={props.hasFactor}
      submitLabel={`Activate ${ready.length} ${ready.length === 1 ? "role" : "roles"}`}
      returnPath={returnPath}
      focusOn="reason"
      onDone={(outcome) => props.onDone(outcome.items?.every((item) => item.ok) ?? true)}
      onCancel={props.onClose}
    >
      <OutcomeList
        label="Roles"
        notesBeside
        rows={ready.map((each, index) => named(each.role, timeOf(each, index)))}
        items={ready.map(({ role }) => props.outcomes.get(role.id))}
      />
      <input type="hidden" name="items" value={JSON.stringify(items)} />
      {props.bundleId ? <input type="hidden" name="bundleId" value={props.bundleId} /> : null}
      <StartFields later={later} onChange={setLater} initial={draft.get("startsAt")} />
      <DurationField
        key={`${shortest} ${longest}`}
        minutes={minutes}
        shortest={shortest}
        longest={longest}
        onChange={setDuration}
        hint={
          shared === longest
            ? `At most ${minutesInWords(longest)}.`
            : `All roles allow ${minutesInWords(shared)}. Beyond that, each role ends at its own maximum.`
        }
      />
      <ReasonFields
        reasons={props.reasons}
        settings={{
          activationRequiresJustification: any("activationRequiresJustification"),
          activationRequiresTicket: any("activationRequiresTicket"),
        }}
      />
    </ProtectedForm>
  );
}
