"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";
import { activationStepMinutes, type RoleSettings } from "@/lib/domain/role-settings";

interface Choice {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
  readonly settings: RoleSettings;
}

export interface ActivationActions {
  readonly activate: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  /** Where the role can be activated: its own resource, the chosen one, and those below that the search finds. */
  readonly searchScopes: (eligibilityId: string, search: string, chosenId: string) => Promise<Choice[]>;
}

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly hasFactor: boolean;
  readonly onClose: () => void;
}

/** A list longer than this is searched rather than read. */
const longList = 8;
const searchDelayMilliseconds = 250;

/** What was typed before leaving to set up an authenticator app, as `ProtectedForm` keeps it. */
function draftOf(returnPath: string): ReadonlyMap<string, string> {
  const text = sessionStorage.getItem(`postern-draft:${returnPath}`);
  return new Map(text ? (JSON.parse(text) as [string, string][]) : []);
}

function hoursInWords(hours: number): string {
  return `${hours} ${hours === 1 ? "hour" : "hours"}`;
}

/** What the member takes up, where, when, for how long and why; and the code for it. Shown only in a browser. */
export function ActivationPanel(props: Props) {
  const { searchScopes, eligibilityId } = props;
  const returnPath = `/my-roles?activate=${eligibilityId}`;
  const [draft] = useState(() => draftOf(returnPath));
  const [openedAt] = useState(() => Date.now());
  const [choices, setChoices] = useState<Choice[] | null>(null);
  const [searchable, setSearchable] = useState(false);
  const [resourceId, setResourceId] = useState(draft.get("resourceId") ?? props.resourceId);
  const [later, setLater] = useState(draft.get("when") === "later");
  const [duration, setDuration] = useState(Number(draft.get("duration") ?? Number.POSITIVE_INFINITY));
  const chosenId = useRef(resourceId);
  const searching = useRef<ReturnType<typeof setTimeout>>(undefined);

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
    return () => clearTimeout(searching.current);
  }, [load]);

  if (choices === null) return <p className="text-muted">Loading the role settings…</p>;
  const choice = choices.find((each) => each.id === resourceId) ?? choices[0];
  if (!choice)
    return (
      <div role="alert" className="banner">
        <p className="grow">
          You cannot activate this role now: your eligibility or your session has ended, or the server did not
          answer.{" "}
          <a href="/sign-in" target="_blank" rel="noreferrer">
            Sign in
          </a>
        </p>
        <button
          type="button"
          className="button"
          onClick={() => {
            setChoices(null);
            load("");
          }}
        >
          Try again
        </button>
      </div>
    );

  const { settings } = choice;
  const longest = settings.activationMaximumMinutes / 60;
  const hours = Math.min(duration, longest);
  const steps = settings.activationMaximumMinutes / activationStepMinutes;
  const end = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(
    openedAt + hours * 3_600_000,
  );
  return (
    <ProtectedForm
      submit={props.activate}
      prepare={props.prepare}
      needsCode={settings.activationRequiresMfa}
      hasFactor={props.hasFactor}
      submitLabel="Activate"
      returnPath={returnPath}
      onDone={props.onClose}
      onCancel={props.onClose}
    >
      <p>
        You will hold <strong>{props.roleName}</strong> on <strong>{choice.displayName}</strong>{" "}
        {later ? `for ${hoursInWords(hours)} from the start you choose.` : `until ${end}.`}
      </p>
      <input type="hidden" name="eligibilityId" value={eligibilityId} />
      {searchable ? (
        <label>
          <span className="label">Find a scope</span>
          <input
            className="input"
            type="search"
            maxLength={200}
            onKeyDown={(event) => {
              if (event.key === "Enter") event.preventDefault();
            }}
            onChange={(event) => {
              const search = event.currentTarget.value;
              clearTimeout(searching.current);
              searching.current = setTimeout(() => load(search), searchDelayMilliseconds);
            }}
          />
        </label>
      ) : null}
      <SelectField
        label="Scope"
        name="resourceId"
        value={choice.id}
        onChange={(event) => {
          chosenId.current = event.currentTarget.value;
          setResourceId(event.currentTarget.value);
        }}
        hint={choice.scope}
      >
        {choices.map((each) => (
          <option key={each.id} value={each.id}>
            {each.displayName}
          </option>
        ))}
      </SelectField>
      <fieldset className="flex gap-4">
        <legend className="label">Start</legend>
        {(["now", "later"] as const).map((when) => (
          <label key={when} className="flex items-center gap-2">
            <input
              type="radio"
              name="when"
              value={when}
              checked={later === (when === "later")}
              onChange={() => setLater(when === "later")}
            />{" "}
            {when === "now" ? "Now" : "Later"}
          </label>
        ))}
      </fieldset>
      {later ? (
        <MomentField
          name="startsAt"
          label="Start time"
          hint="The wait does not count against the duration."
          initial={draft.get("startsAt")}
        />
      ) : null}
      <SelectField
        label="Duration"
        name="duration"
        value={hours}
        onChange={(event) => setDuration(Number(event.currentTarget.value))}
      >
        {Array.from({ length: steps }, (_, index) => ((index + 1) * activationStepMinutes) / 60).map(
          (choiceHours) => (
            <option key={choiceHours} value={choiceHours}>
              {hoursInWords(choiceHours)}
            </option>
          ),
        )}
      </SelectField>
      <TextAreaField
        label={settings.activationRequiresJustification ? "Reason" : "Reason (optional)"}
        name="justification"
        maxLength={2000}
      />
      {settings.activationRequiresTicket ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label="Ticket number" name="ticketNumber" maxLength={200} />
          <TextField label="Ticket system" name="ticketSystem" maxLength={200} />
        </div>
      ) : null}
    </ProtectedForm>
  );
}
