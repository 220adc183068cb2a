"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useState } from "react";
import { ReasonFields, StartFields } from "@/components/activation/activation-fields";
import { CannotActivate, draftOf } from "@/components/activation/activation-panel";
import { DurationField } from "@/components/activation/duration-field";
import { endInWords, freeMinutes, inTheWay } from "@/components/activation/taken-words";
import { Sentence } from "@/components/ui/name";
import { OutcomeList } from "@/components/ui/outcome-list";
import { ProtectedForm } from "@/components/ui/protected-form";
import { possibleDurations } from "@/lib/domain/gate/activation-time";
import { asksFreshCode } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { ActivationTerms } from "@/lib/queries/activation/activation-terms";
import type { SeveralTerms } from "@/lib/queries/activation/activations-asked";
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
  /** What each role is offered under; null where the caller is not eligible. */
  readonly readSeveral: (
    items: readonly { eligibilityId: string; resourceId: string }[],
  ) => Promise<SeveralTerms>;
}

interface Props extends ActivateSeveralActions {
  readonly roles: readonly RoleToActivate[];
  readonly hasFactor: boolean;
  /** Removes roles from the selection, once they are active or can no longer be activated. */
  readonly leaveOut: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}

interface Ready extends ActivationTerms {
  readonly role: RoleToActivate;
}

/** Why a selected role is not among those that can be activated. */
interface LeftOut {
  readonly role: RoleToActivate;
  readonly why: string;
}

/** Activates several roles with one reason and one code. Reports the result of each role. */
export function ActivateSeveralPanel(props: Props) {
  const { readSeveral, leaveOut } = props;
  const router = useRouter();
  const [roles, setRoles] = useState(props.roles);
  const [ready, setReady] = useState<Ready[] | null>(null);
  const [reasons, setReasons] = useState<readonly string[]>([]);
  const [left, setLeft] = useState<readonly LeftOut[]>([]);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, ItemOutcome>>(new Map());
  const [done, setDone] = useState(false);

  const load = useCallback(
    async (wanted: readonly RoleToActivate[]) => {
      const asked = wanted.map(({ id, resourceId }) => ({ eligibilityId: id, resourceId }));
      const answer = await readSeveral(asked).catch(() => null);
      const terms = answer?.terms ?? [];
      const able = wanted.flatMap((role, index) => {
        const own = terms[index];
        return own && inTheWay(own) === null ? [{ role, ...own }] : [];
      });
      // A selected role may have been removed since, or activated elsewhere.
      const gone = wanted.flatMap((role, index) => {
        const own = terms[index];
        const why = own ? inTheWay(own) : "You are no longer eligible for it.";
        return terms.length > 0 && why !== null ? [{ role, why }] : [];
      });
      if (gone.length > 0) {
        leaveOut(gone.map(({ role }) => role.id));
        router.refresh();
      }
      setLeft(gone);
      if (answer) setReasons(answer.reasons);
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
  return (
    <>
      {left.length > 0 ? (
        <div role="status" className="banner mb-3 grid gap-1">
          <p>Not included:</p>
          <ul>
            {left.map(({ role, why }) => (
              <li key={role.id}>
                <Sentence of={`${named(role).name}: ${why}`} />
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <SeveralForm
        {...props}
        ready={ready}
        reasons={reasons}
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
    reasons: readonly string[];
    outcomes: ReadonlyMap<string, ItemOutcome>;
    submit: (form: FormData) => Promise<FormOutcome>;
    onDone: (everything: boolean) => void;
  },
) {
  const { ready } = props;
  const returnPath = `/my-roles?select=${ready.map(({ role }) => role.id).join(",")}`;
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
    eligibilityId: role.id,
    resourceId: role.resourceId,
    durationMinutes: own(index),
  }));
  const timeOf = ({ settings, now }: Ready, index: number) => {
    const lasting = own(index);
    const time = settings.approvalRequired
      ? `for ${minutesInWords(lasting)}, once approved${asksFreshCode(settings) ? " and a new code entered" : ""}`
      : later
        ? minutesInWords(lasting)
        : `until ${endInWords(now.getTime(), lasting)}`;
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
      hasFactor={props.hasFactor}
      submitLabel={`Activate ${ready.length} ${ready.length === 1 ? "role" : "roles"}`}
      returnPath={returnPath}
      focusOn="reason"
      onDone={(outcome) => props.onDone(outcome.items?.every((item) => item.ok) ?? true)}
      onCancel={props.onClose}
    >
      <OutcomeList
        label="Roles"
        rows={ready.map((each, index) => named(each.role, timeOf(each, index)))}
        items={ready.map(({ role }) => props.outcomes.get(role.id))}
      />
      <input type="hidden" name="items" value={JSON.stringify(items)} />
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
