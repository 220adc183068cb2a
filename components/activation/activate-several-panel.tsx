"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useState } from "react";
import { DurationField, ReasonFields, StartFields } from "@/components/activation/activation-fields";
import { CannotActivate, draftOf, endInWords } from "@/components/activation/activation-panel";
import { OutcomeList } from "@/components/ui/outcome-list";
import { ProtectedForm } from "@/components/ui/protected-form";
import { serverNow } from "@/components/ui/server-clock";
import { type ActivationRules, asksFreshCode } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { FormOutcome, ItemOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface RoleToActivate {
  /** The eligibility's id. */
  readonly id: string;
  readonly resourceId: string;
  readonly roleName: string;
  readonly resourceName: string;
}

export interface ActivateSeveralActions {
  readonly activateSeveral: (form: FormData) => Promise<FormOutcome>;
  readonly prepareSeveral: (form: FormData) => Promise<PreparedChallenge>;
  /** The settings in force for each role; null where the caller is not eligible. */
  readonly readSeveral: (
    items: readonly { eligibilityId: string; resourceId: string }[],
  ) => Promise<(ActivationRules | null)[]>;
}

interface Props extends ActivateSeveralActions {
  readonly roles: readonly RoleToActivate[];
  readonly hasFactor: boolean;
  /** Removes roles from the selection, once they are active or can no longer be activated. */
  readonly leaveOut: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}

interface Ready {
  readonly role: RoleToActivate;
  readonly settings: ActivationRules;
}

/** Activates several roles with one reason and one code. Reports the result of each role. */
export function ActivateSeveralPanel(props: Props) {
  const { readSeveral, leaveOut } = props;
  const router = useRouter();
  const [roles, setRoles] = useState(props.roles);
  const [ready, setReady] = useState<Ready[] | null>(null);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, ItemOutcome>>(new Map());
  const [done, setDone] = useState(false);

  const load = useCallback(
    async (wanted: readonly RoleToActivate[]) => {
      const asked = wanted.map(({ id, resourceId }) => ({ eligibilityId: id, resourceId }));
      const settings = await readSeveral(asked).catch(() => []);
      const able = wanted.flatMap((role, index) => {
        const own = settings[index];
        return own ? [{ role, settings: own }] : [];
      });
      // A selected role may have been removed since.
      const missing = settings.length > 0 ? wanted.filter((_role, index) => !settings[index]) : [];
      if (missing.length > 0) {
        leaveOut(missing.map((role) => role.id));
        router.refresh();
      }
      // If the server does not answer, keep what was typed.
      setReady((shown) => (able.length > 0 ? able : (shown ?? [])));
    },
    [readSeveral, leaveOut, router],
  );
  useEffect(() => {
    load(roles);
  }, [load, roles]);

  if (ready === null)
    return (
      <p role="status" className="min-h-96 text-muted">
        Loading the role settings…
      </p>
    );
  if (ready.length === 0)
    return (
      <CannotActivate
        onRetry={() => {
          setReady(null);
          load(roles);
        }}
      />
    );
  const failed = ready.filter(({ role }) => outcomes.get(role.id)?.ok === false);
  if (done && failed.length > 0)
    return (
      <div className="grid gap-4">
        <div role="alert">
          <p className="font-semibold">
            {ready.length - failed.length} of {ready.length} roles went through.{" "}
            {failed.length === 1 ? "The other did not:" : "The others did not:"}
          </p>
        </div>
        <OutcomeList
          label="Roles"
          rows={ready.map(({ role }) => named(role))}
          items={ready.map(({ role }) => outcomes.get(role.id))}
        />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={props.onClose}>
            Close
          </button>
          <button
            type="button"
            className="button button-primary"
            onClick={() => {
              setDone(false);
              setOutcomes(new Map());
              setReady(null);
              setRoles(failed.map((each) => each.role));
            }}
          >
            {failed.length === 1 ? "Try the other again" : "Try the others again"}
          </button>
        </div>
      </div>
    );
  const missing = roles.filter((role) => !ready.some((each) => each.role.id === role.id));
  return (
    <>
      {missing.length > 0 ? (
        <p role="status" className="banner mb-4">
          Not included, because you are no longer eligible for {missing.length === 1 ? "it" : "them"}:{" "}
          {missing.map((role) => named(role).name).join(", ")}.
        </p>
      ) : null}
      <SeveralForm
        {...props}
        ready={ready}
        outcomes={outcomes}
        submit={async (form) => {
          const outcome = await props.activateSeveral(form);
          const outcomesById = ready.flatMap(({ role }, index) => {
            const item = outcome.items?.[index];
            return item ? [[role.id, item] as const] : [];
          });
          setOutcomes(new Map(outcomesById));
          leaveOut(outcomesById.filter(([, item]) => item.ok).map(([id]) => id));
          // The settings may have changed and need a field that is not shown yet.
          if (!outcome.ok) await load(roles);
          return outcome;
        }}
        onDone={(everything) => (everything ? props.onClose() : setDone(true))}
      />
    </>
  );
}

function named(role: RoleToActivate, note?: string) {
  return { id: role.id, name: `${isolated(role.roleName)} on ${isolated(role.resourceName)}`, note };
}

function SeveralForm(
  props: Props & {
    ready: readonly Ready[];
    outcomes: ReadonlyMap<string, ItemOutcome>;
    submit: (form: FormData) => Promise<FormOutcome>;
    onDone: (everything: boolean) => void;
  },
) {
  const { ready } = props;
  const returnPath = `/my-roles?select=${ready.map(({ role }) => role.id).join(",")}`;
  const [draft] = useState(() => draftOf(returnPath));
  const [openedAt] = useState(serverNow);
  const maxima = ready.map(({ settings }) => settings.activationMaximumMinutes);
  const shared = Math.min(...maxima);
  const longest = Math.max(...maxima);
  const [later, setLater] = useState(draft.get("when") === "later");
  const [duration, setDuration] = useState(Number(draft.get("duration") ?? shared / 60));
  const hours = Math.min(duration, longest / 60);
  const items = ready.map(({ role, settings }) => ({
    eligibilityId: role.id,
    resourceId: role.resourceId,
    durationMinutes: Math.min(hours * 60, settings.activationMaximumMinutes),
  }));
  const timeOf = (settings: ActivationRules) => {
    const own = Math.min(hours, settings.activationMaximumMinutes / 60);
    const time = settings.approvalRequired
      ? `for ${hoursInWords(own)}, once approved${asksFreshCode(settings) ? " and a new code entered" : ""}`
      : later
        ? hoursInWords(own)
        : `until ${endInWords(openedAt, own)}`;
    return own < hours ? `${time} (its own maximum, ${hoursInWords(own)})` : time;
  };
  const any = (
    rule: "activationRequiresMfa" | "activationRequiresJustification" | "activationRequiresTicket",
  ) => ready.some(({ settings }) => settings[rule]);
  return (
    <ProtectedForm
      submit={props.submit}
      prepare={props.prepareSeveral}
      needsCode={any("activationRequiresMfa")}
      hasFactor={props.hasFactor}
      submitLabel={`Activate ${ready.length} ${ready.length === 1 ? "role" : "roles"}`}
      returnPath={returnPath}
      focusOn="first"
      onDone={(outcome) => props.onDone(outcome.items?.every((item) => item.ok) ?? true)}
      onCancel={props.onClose}
    >
      <OutcomeList
        label="Roles"
        rows={ready.map(({ role, settings }) => named(role, timeOf(settings)))}
        items={ready.map(({ role }) => props.outcomes.get(role.id))}
      />
      <input type="hidden" name="items" value={JSON.stringify(items)} />
      <StartFields later={later} onChange={setLater} initial={draft.get("startsAt")} />
      <DurationField
        hours={hours}
        longestMinutes={longest}
        onChange={setDuration}
        hint={
          shared === longest
            ? `At most ${hoursInWords(longest / 60)}.`
            : `All roles allow ${hoursInWords(shared / 60)}. Beyond that, each role ends at its own maximum.`
        }
      />
      <ReasonFields
        settings={{
          activationRequiresJustification: any("activationRequiresJustification"),
          activationRequiresTicket: any("activationRequiresTicket"),
        }}
      />
    </ProtectedForm>
  );
}
