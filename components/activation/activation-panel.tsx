"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { DurationField, ReasonFields, StartFields } from "@/components/activation/activation-fields";
import { ScopeField } from "@/components/activation/scope-field";
import { Name } from "@/components/ui/name";
import { ProtectedForm } from "@/components/ui/protected-form";
import { serverNow } from "@/components/ui/server-clock";
import { asksFreshCode } from "@/lib/domain/roles/role-settings";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { ActivationChoice } from "@/lib/queries/activation/activation-choices";
import type { LastTime } from "@/lib/queries/activation/daily-roles";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface ActivationActions {
  readonly activate: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  /** Where the role can be activated: its own resource, the chosen one, and resources below that match the search. */
  readonly searchScopes: (
    eligibilityId: string,
    search: string,
    chosenId: string,
  ) => Promise<ActivationChoice[]>;
}

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly scopeId?: string;
  readonly hasFactor: boolean;
  /** Fills in the fields and moves the focus to the code. */
  readonly lastTime?: LastTime;
  readonly returnPath?: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Longer lists get a search field. */
const longList = 8;

/** What was typed before leaving to set up an authenticator app, as kept by `ProtectedForm`. */
export function draftOf(returnPath: string): ReadonlyMap<string, string> {
  const text = sessionStorage.getItem(`postern-draft:${returnPath}`);
  return new Map(text ? (JSON.parse(text) as [string, string][]) : []);
}

export function endInWords(startMilliseconds: number, hours: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(
    startMilliseconds + hours * 3_600_000,
  );
}

/** Shown instead of the fields when the role cannot be activated. */
export function CannotActivate({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="banner">
      <p className="grow">
        You cannot activate this role now. Your eligibility or your session has ended, or the server did not
        answer.{" "}
        <a href="/sign-in" target="_blank" rel="noreferrer">
          Sign in
        </a>
      </p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** The activation panel: role, scope, start, duration, reason and code. Rendered only in the browser. */
export function ActivationPanel(props: Props) {
  const { searchScopes, eligibilityId, lastTime } = props;
  const router = useRouter();
  const returnPath = props.returnPath ?? `/my-roles?activate=${eligibilityId}`;
  const [draft] = useState(() => draftOf(returnPath));
  const [openedAt] = useState(serverNow);
  const [choices, setChoices] = useState<ActivationChoice[] | null>(null);
  const [searchable, setSearchable] = useState(false);
  const [resourceId, setResourceId] = useState(
    draft.get("resourceId") ?? lastTime?.resourceId ?? props.scopeId ?? props.resourceId,
  );
  const [later, setLater] = useState(draft.get("when") === "later");
  const [duration, setDuration] = useState(
    Number(draft.get("duration") ?? (lastTime ? lastTime.durationMinutes / 60 : Number.POSITIVE_INFINITY)),
  );
  const chosenId = useRef(resourceId);

  const load = useCallback(
    async (search: string) => {
      const found = await searchScopes(eligibilityId, search, chosenId.current).catch(() => []);
      setChoices((shown) => (found.length > 0 ? found : (shown ?? [])));
      if (found.length > longList) setSearchable(true);
    },
    [searchScopes, eligibilityId],
  );
  useEffect(() => {
    load("");
  }, [load]);

  if (choices === null)
    return (
      <p role="status" className="min-h-96 text-muted">
        Loading the role settings…
      </p>
    );
  const choice = choices.find((each) => each.id === resourceId) ?? choices[0];
  if (!choice)
    return (
      <CannotActivate
        onRetry={() => {
          setChoices(null);
          load("");
        }}
      />
    );

  const { settings } = choice;
  const hours = Math.min(duration, settings.activationMaximumMinutes / 60);
  const conditions = [
    "the approvers of this role have approved it",
    ...(asksFreshCode(settings) ? ["you have entered a new code"] : []),
    ...(later ? ["the start you choose is reached"] : []),
  ];
  return (
    <ProtectedForm
      submit={async (form) => {
        const outcome = await props.activate(form);
        // The page comes after the answer (docs/decisions/speed.md).
        if (outcome.ok) router.refresh();
        // The settings may have changed and need a field that is not shown yet.
        if (!outcome.ok) await load("");
        return outcome;
      }}
      prepare={props.prepare}
      needsCode={settings.activationRequiresMfa}
      hasFactor={props.hasFactor}
      submitLabel={settings.approvalRequired ? "Request activation" : "Activate"}
      returnPath={returnPath}
      focusOn={lastTime ? "code" : "first"}
      onDone={props.onDone}
      onCancel={props.onClose}
    >
      <p>
        You will hold{" "}
        <strong>
          <Name of={props.roleName} />
        </strong>{" "}
        on{" "}
        <strong>
          <Name of={choice.displayName} />
        </strong>{" "}
        {settings.approvalRequired
          ? `for ${hoursInWords(hours)}, once ${conditions.join(" and ")}.`
          : later
            ? `for ${hoursInWords(hours)} from the start you choose.`
            : `until ${endInWords(openedAt, hours)}.`}
      </p>
      <input type="hidden" name="eligibilityId" value={eligibilityId} />
      <ScopeField
        choices={choices}
        chosen={choice}
        searchable={searchable}
        onSearch={load}
        onChoose={(chosen) => {
          chosenId.current = chosen;
          setResourceId(chosen);
        }}
      />
      <StartFields later={later} onChange={setLater} initial={draft.get("startsAt")} />
      <DurationField
        hours={hours}
        longestMinutes={settings.activationMaximumMinutes}
        onChange={setDuration}
        hint={`At most ${hoursInWords(settings.activationMaximumMinutes / 60)}.`}
      />
      <ReasonFields
        settings={settings}
        justification={lastTime?.justification}
        ticketNumber={lastTime?.ticketNumber}
        ticketSystem={lastTime?.ticketSystem}
      />
    </ProtectedForm>
  );
}
