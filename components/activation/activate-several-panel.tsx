"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import {
  eligibilityOf,
  type LeftOut,
  named,
  type Ready,
  type RoleToActivate,
  SeveralForm,
  type SeveralProps,
} from "@/components/activation/activate-several-form";
import { CannotActivate } from "@/components/activation/activation-panel";
import { inTheWay } from "@/components/activation/taken-words";
import { Sentence } from "@/components/ui/name";
import { OutcomeList } from "@/components/ui/outcome-list";
import { useReaderTimes } from "@/components/ui/reader-times";
import type { ItemOutcome } from "@/lib/web/form-outcome";

/** Activates several roles with one reason and one code. Reports the result of each role. */
export function ActivateSeveralPanel(props: SeveralProps) {
  const { leaveOut } = props;
  const { zone, language } = useReaderTimes();
  // When the page is read again, the same action is a new function. The roles are read again only if they
  // change.
  const [readSeveral] = useState(() => props.readSeveral);
  const router = useRouter();
  const [roles, setRoles] = useState(props.roles);
  const [ready, setReady] = useState<Ready[] | null>(null);
  const [reasons, setReasons] = useState<readonly string[]>([]);
  const [left, setLeft] = useState<readonly LeftOut[]>([]);
  const first = useRef(props.read);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, ItemOutcome>>(new Map());
  const [done, setDone] = useState(false);

  const load = useCallback(
    async (wanted: readonly RoleToActivate[]) => {
      const times = { zone, language };
      const asked = wanted.map((role) => ({
        eligibilityId: eligibilityOf(role),
        resourceId: role.resourceId,
      }));
      const read = first.current;
      first.current = undefined;
      const answer = read ?? (await readSeveral(asked).catch(() => null));
      const terms = answer?.terms ?? [];
      const able = wanted.flatMap((role, index) => {
        const own = terms[index];
        const free = own && inTheWay(own, times) === null && !answer?.conflicts[index];
        return free ? [{ role, ...own }] : [];
      });
      // A selected role may have been removed since, or activated elsewhere.
      const gone = wanted.flatMap((role, index) => {
        const own = terms[index];
        const why = own ? inTheWay(own, times) : "You are no longer eligible for it.";
        return terms.length > 0 && why !== null ? [{ role, why }] : [];
      });
      if (gone.length > 0) {
        leaveOut(gone.map(({ role }) => role.id));
        // What was just read for the panel is on the page as well.
        if (!read) router.refresh();
      }
      const conflicting = wanted.flatMap((role, index) => {
        const why = answer?.conflicts[index];
        return why ? [{ role, why }] : [];
      });
      const without = [...gone, ...conflicting];
      setLeft(without);
      if (answer) setReasons(answer.reasons);
      // If the server does not answer, keep what was typed.
      setReady((shown) => (able.length > 0 || without.length > 0 ? able : (shown ?? [])));
    },
    [readSeveral, leaveOut, router, zone, language],
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
  const leftOut = [...(props.without ?? []), ...left];
  if (ready.length === 0 && leftOut.length > 0)
    return (
      <div className="grid gap-4">
        <NotIncluded title="Nothing can be activated now:" left={leftOut} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={props.onClose}>
            Close
          </button>
        </div>
      </div>
    );
  if (ready.length === 0)
    return (
      <CannotActivate
        onClose={props.onClose}
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
      {leftOut.length > 0 ? (
        <div className="mb-3">
          <NotIncluded title="Not included:" left={leftOut} />
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

/** Roles that are left out, each with the reason. */
function NotIncluded({ title, left }: { title: string; left: readonly LeftOut[] }) {
  return (
    <div role="status" className="banner grid gap-1">
      <p>{title}</p>
      <ul className="grid gap-1">
        {left.map(({ role, why }) => (
          <li key={role.id} className="wrap-anywhere">
            <Sentence of={`${named(role).name}: ${why}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}
