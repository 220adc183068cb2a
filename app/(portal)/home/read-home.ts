import { isWaiting } from "@/lib/domain/requests/request-state";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { confirmingFor } from "@/lib/platform/confirming-providers";
import { reviewsForMe } from "@/lib/queries/access-reviews/reviews-for-me";
import { activeNow, endingSoon } from "@/lib/queries/activation/active-now";
import { dailyRoles } from "@/lib/queries/activation/daily-roles";
import { eligibleRoles, wholeList } from "@/lib/queries/activation/my-roles";
import type { OpenAlertsOfCaller } from "@/lib/queries/alerts/open-alerts";
import { listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { renewalStates } from "@/lib/queries/assignments/renewals";
import { openBreakGlassUses } from "@/lib/queries/people/break-glass-accounts";
import { bundles as bundlesOf } from "@/lib/queries/preferences/bundles";
import { gettingStarted } from "@/lib/queries/preferences/getting-started";
import { homeParts } from "@/lib/queries/preferences/home-parts";
import { firstToDecide } from "@/lib/queries/requests/approvals";
import { reviewsToClose } from "@/lib/queries/requests/break-glass";
import { myRequests } from "@/lib/queries/requests/requests";
import { favouriteResources } from "@/lib/queries/resources/favourite-resources";
import { exceptionsToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { foundWaiting, frame } from "../frame-data";

const shownAtMost = 5;

/** Everything that Home shows of the caller. Each list is bounded. */
export async function readHome(caller: Caller, openAlerts: Promise<OpenAlertsOfCaller>) {
  const { configuration, database } = application();
  const [{ factors, rights }, parts] = await Promise.all([frame(), homeParts(database, caller)]);
  const [
    eligible,
    daily,
    held,
    ending,
    reviews,
    waiting,
    requests,
    alerts,
    favourites,
    bundles,
    breakGlass,
    started,
  ] = await Promise.all([
    eligibleRoles(database, caller, wholeList),
    dailyRoles(database, caller),
    activeNow(database, caller, 8),
    endingSoon(database, caller, shownAtMost),
    parts.reviews ? reviewsForMe(database, caller) : [],
    readWaiting(caller),
    parts.requests ? myRequests(database, caller, { before: null, waiting: true }) : [],
    openAlerts,
    parts.favouriteResources ? favouriteResources(database, caller) : [],
    parts.bundles ? bundlesOf(database, caller) : [],
    parts.breakGlass ? openBreakGlassUses(database, caller, shownAtMost) : [],
    parts.gettingStarted && rights.worker ? gettingStarted(database, caller) : null,
  ]);
  const { activations, extensions, emergencies, exceptions } = waiting;
  const factor = { ...factors, enrolled: factors.app || factors.passkeys };
  const renewals =
    ending.length > 0
      ? await renewalStates(
          database,
          caller,
          ending.map((row) => row.id),
        )
      : new Map();
  // Approved roles that wait for a code are listed with what needs the reader.
  const toActivate = eligible.rows.filter(
    (row) => row.taken?.state !== "Active" && row.waiting !== "PendingProvisioning",
  );
  const isDaily = (row: { roleDefinitionId: string; resourceId: string }) =>
    daily.some(
      (each) => each.roleDefinitionId === row.roleDefinitionId && each.resourceId === row.resourceId,
    );
  return {
    held,
    started,
    favourites,
    bundles,
    toActivate,
    daily,
    others: toActivate.filter((row) => !isDaily(row)),
    asked: requests.filter((row) => row.status !== "PendingProvisioning").slice(0, shownAtMost),
    needs: {
      forMe: {
        list: `${caller.userId} /`,
        activations: activations.slice(0, shownAtMost),
        extensions: extensions.slice(0, shownAtMost),
        more: activations.length > shownAtMost || extensions.length > shownAtMost,
      },
      // A person's own sign-ins, and those that they may not close, are shown on the page of the accounts.
      breakGlass: breakGlass.filter((use) => use.mayClose),
      emergencies: emergencies.slice(0, shownAtMost),
      exceptions: exceptions.slice(0, shownAtMost),
      approved: requests.filter((row) => row.status === "PendingProvisioning"),
      reviews,
      alerts: alerts.resolvable.filter((alert) => alert.severity === "High"),
      // An item without a button and without an answer yet needs nobody.
      ending: ending.filter((row) => {
        const state = renewals.get(row.id);
        return state?.offer != null || (state?.request != null && isWaiting(state.request.status));
      }),
      renewals,
      factor,
      // Somebody whose provider confirms what requires a second factor has one.
      factorMissing:
        !factor.enrolled && confirmingFor(configuration.identityProviders, factor.issuers).length === 0,
      eligible: eligible.rows.length > 0,
    },
  };
}

/** The first few of what waits for the caller's decision. The pane has already found what waits. */
async function readWaiting(caller: Caller) {
  const { database } = application();
  const found = await foundWaiting();
  const { counts } = found;
  const most = shownAtMost + 1;
  const [activations, extensions, emergencies, exceptions] = await Promise.all([
    firstToDecide(database, caller, found, most),
    counts.extensions > 0
      ? listExtensionRequests(database, caller, { resourceId: null, after: null, forMe: { found, most } })
      : { rows: [] },
    counts.emergencies > 0 ? reviewsToClose(database, caller, shownAtMost) : [],
    counts.exceptions > 0 ? exceptionsToDecide(database, caller, shownAtMost, found) : [],
  ]);
  return { activations, extensions: extensions.rows, emergencies, exceptions };
}
