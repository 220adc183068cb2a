"use client";

import { useCallback, useEffect, useState } from "react";
import type { ActivateSeveralActions } from "@/components/activation/activate-several-form";
import { ActivateSeveralPanel } from "@/components/activation/activate-several-panel";
import { CannotActivate } from "@/components/activation/activation-panel";
import { inTheWay } from "@/components/activation/taken-words";
import { useReaderTimes } from "@/components/ui/reader-times";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { BundleRole, BundleToActivate } from "@/lib/queries/preferences/bundles";

export interface BundleActions extends ActivateSeveralActions {
  /** The bundle at this moment; null if there is none. */
  readonly readBundle: (bundleId: string) => Promise<BundleToActivate | null>;
}

const noMore = "You are no longer eligible for it.";

function whyWithout({ taken }: BundleRole, times: ReaderTimes): string {
  const settings = { approvalRequired: true };
  return (taken?.state === "Active" ? inTheWay({ taken, settings }, times) : null) ?? noMore;
}

/** Activates the roles of a bundle, like the panel for several roles. The bundle is read when the panel opens. */
export function BundlePanel(
  props: BundleActions & { bundleId: string; hasFactor: boolean; onClose: () => void },
) {
  const { bundleId } = props;
  const times = useReaderTimes();
  // When the page is read again, the same action is a new function. The bundle is read once, when the panel
  // opens.
  const [readBundle] = useState(() => props.readBundle);
  const [bundle, setBundle] = useState<BundleToActivate | null>();
  const load = useCallback(() => {
    setBundle(undefined);
    readBundle(bundleId)
      .catch(() => null)
      .then(setBundle);
  }, [readBundle, bundleId]);
  useEffect(load, [load]);
  if (bundle === undefined)
    return (
      <p role="status" className="min-h-96 text-muted">
        Loading the role settings…
      </p>
    );
  if (bundle === null)
    return (
      <CannotActivate
        why="This bundle cannot be opened now. It was deleted, your session has ended, or the server did not answer."
        onRetry={load}
        onClose={props.onClose}
      />
    );
  return (
    <ActivateSeveralPanel
      {...props}
      roles={bundle.roles.flatMap(({ eligibilityId, ...role }) =>
        eligibilityId ? [{ ...role, eligibilityId }] : [],
      )}
      read={bundle.several}
      without={bundle.roles
        .filter(({ eligibilityId }) => eligibilityId === null)
        .map((role) => ({ role, why: whyWithout(role, times) }))}
      leaveOut={nothingSelected}
      returnPath={`/my-roles?tab=bundles&bundle=${bundleId}`}
    />
  );
}

/** A bundle stays as it is, whatever happens to its roles. */
const nothingSelected = () => undefined;
