"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { ReasonFields, StartFields } from "@/components/activation/activation-fields";
import { DurationField, limitInWords } from "@/components/activation/duration-field";
import { PanelUnavailable } from "@/components/activation/panel-unavailable";
import { ScopeField } from "@/components/activation/scope-field";
import { endInWords, freeMinutes, inTheWay } from "@/components/activation/taken-words";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { Sentence } from "@/components/ui/name";
import { useReaderTimes } from "@/components/ui/reader-times";
import { possibleDurations } from "@/lib/domain/gate/activation-time";
import { activationTakesResistant, asksFreshCode } from "@/lib/domain/roles/factors-asked";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { ActivationChoice, ActivationChoices } from "@/lib/queries/activation/activation-choices";
import type { LastTime } from "@/lib/queries/activation/daily-roles";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface ActivationActions {
  readonly activate: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  /**
   * The scopes where the role can be activated: its own resource, the chosen one, and resources below that
   * match the search.
   */
  readonly searchScopes: (
    eligibilityId: string,
    search: string,
    chosenId: string,
  ) => Promise<ActivationChoices>;
}

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly scopeId?: string;
  readonly startsAt?: string;
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

/** Shown instead of the fields when the role cannot be activated. */
export function CannotActivate({
  why = "You cannot activate this role now. Your eligibility or your session has ended, or the server did not answer.",
  onRetry,
  onClose,
}: {
  why?: string;
  onRetry: () => void;
  onClose: () => void;
}) {
  return (
    <PanelUnavailable onRetry={onRetry} onClose={onClose}>
      {why}{" "}
      <a href="/sign-in" target="_blank" rel="noreferrer">
        Sign in
      </a>
    </PanelUnavailable>
  );
}

/** The activation panel: scope, start, duration, reason and code. Rendered only in the browser. */
export function ActivationPanel(props: Props) {
  const { searchScopes, eligibilityId, lastTime } = props;
  const router = useRouter();
  const times = useReaderTimes();
  const returnPath = props.returnPath ?? `/my-roles?activate=${eligibilityId}`;
  const [draft] = useState(() => draftOf(returnPath));
  const [found, setFound] = useState<ActivationChoices | null>(null);
  const [searchable, setSearchable] = useState(false);
  const [resourceId, setResourceId] = useState(
    draft.get("resourceId") ?? lastTime?.resourceId ?? props.scopeId ?? props.resourceId,
  );
  const [later, setLater] = useState((draft.get("when") ?? (props.startsAt ? "later" : "now")) === "later");
  const drafted = draft.get("duration");
  const [duration, setDuration] = useState(
    drafted ? Number(drafted) * 60 : (lastTime?.durationMinutes ?? Number.POSITIVE_INFINITY),
  );
  const chosenId = useRef(resourceId);

  const load = useCallback(
    async (search: string) => {
      const answer = await searchScopes(eligibilityId, search, chosenId.current).catch(() => null);
      const none = { choices: [], reasons: [] };
      setFound((shown) => (answer && answer.choices.length > 0 ? answer : (shown ?? none)));
      if (answer && answer.choices.length > longList) setSearchable(true);
    },
    [searchScopes, eligibilityId],
  );
  useEffect(() => {
    load("");
  }, [load]);

  if (found === null)
    return (
      <p role="status" className="min-h-96 text-muted">
        Loading the role settings…
      </p>
    );
  const choice = found.choices.find((each) => each.id === resourceId) ?? found.choices[0];
  if (!choice)
    return (
      <CannotActivate
        onClose={props.onClose}
        onRetry={() => {
          setFound(null);
          load("");
        }}
      />
    );

  const { settings } = choice;
  const { shortest, longest } = possible(choice, later);
  const minutes = Math.max(Math.min(duration, longest), Math.min(shortest, longest));
  const reason = later ? null : whyNot(choice, longest < shortest, times);
  return (
    <ProtectedForm
      submit={async (form) => {
        const outcome = await props.activate(form);
        // The page is read after the answer is shown (docs/decisions/speed.md).
        if (outcome.ok) router.refresh();
        // The settings may have changed and need a field that is not shown yet.
        if (!outcome.ok) await load("");
        return outcome;
      }}
      prepare={props.prepare}
      needsCode={settings.activationRequiresMfa}
      resistantOnly={activationTakesResistant(settings)}
      hasFactor={props.hasFactor}
      submitLabel={settings.approvalRequired ? "Request activation" : "Activate"}
      returnPath={returnPath}
      focusOn={lastTime ? "code" : "reason"}
      blocked={reason !== null}
      onDone={props.onDone}
      onCancel={props.onClose}
    >
      <input type="hidden" name="eligibilityId" value={eligibilityId} />
      <div>
        <ScopeField
          choices={found.choices}
          chosen={choice}
          searchable={searchable}
          onSearch={load}
          onChoose={(chosen) => {
            chosenId.current = chosen;
            setResourceId(chosen);
          }}
        />
        <StartFields later={later} onChange={setLater} initial={draft.get("startsAt") ?? props.startsAt} />
      </div>
      {reason === null ? null : (
        <p role="status" className="banner">
          <Sentence of={reason} />
        </p>
      )}
      <div hidden={reason !== null} className={reason === null ? "grid gap-3" : undefined}>
        <DurationField
          // Another scope may allow other durations.
          key={`${shortest} ${longest}`}
          minutes={minutes}
          shortest={shortest}
          longest={longest}
          onChange={setDuration}
          hint={`${whenInWords(choice, minutes, later, times)} ${limitInWords(longest, later ? null : choice.eligibilityMinutes)}`}
        />
        <ReasonFields
          settings={settings}
          reasons={found.reasons}
          justification={lastTime?.justification}
          ticketNumber={lastTime?.ticketNumber}
          ticketSystem={lastTime?.ticketSystem}
        />
      </div>
    </ProtectedForm>
  );
}

function possible(choice: ActivationChoice, later: boolean) {
  const { settings, eligibilityMinutes, taken, now } = choice;
  // What is left at a later start is known only once the start is typed. The server checks it before it asks
  // for a code.
  return possibleDurations(
    settings.activationMaximumMinutes,
    eligibilityMinutes,
    later ? null : freeMinutes(taken, now),
  );
}

/** Why the role cannot be activated now at the chosen scope, and what can be done. */
function whyNot(choice: ActivationChoice, tooShort: boolean, times: ReaderTimes): string | null {
  const held = inTheWay(choice, times);
  if (held) return `${held} Choose another scope or a later start.`;
  if (!tooShort || choice.taken?.state !== "Scheduled") return null;
  return `Scheduled from ${endInWords(choice.taken.startsAt.getTime(), 0, times)}. That is too soon for another activation.`;
}

/** When the role is held, in a sentence. */
function whenInWords(
  { settings, now }: ActivationChoice,
  minutes: number,
  later: boolean,
  times: ReaderTimes,
): string {
  const conditions = [
    "the approvers of this role have approved it",
    ...(asksFreshCode(settings) ? ["you have entered a new code"] : []),
    ...(later ? ["the start you choose is reached"] : []),
  ];
  if (settings.approvalRequired) return `For ${minutesInWords(minutes)}, once ${conditions.join(" and ")}.`;
  return later
    ? `For ${minutesInWords(minutes)} from the start you choose.`
    : `Until ${endInWords(now.getTime(), minutes, times)}.`;
}
