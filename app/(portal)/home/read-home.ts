import { isWaiting } from "@/lib/domain/requests/request-state";
import { factorState } from "@/lib/identity/factors/factor-state";
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
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { reviewsToClose } from "@/lib/queries/requests/break-glass";
import { myRequests } from "@/lib/queries/requests/requests";
import { favouriteResources } from "@/lib/queries/resources/favourite-resources";
import { exceptionsToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { ifWaiting } from "../frame-data";

const shownAtMost = 5;

/** Everything that Home shows of the caller. Each list is bounded. */
export async function readHome(caller: Caller, openAlerts: Promise<OpenAlertsOfCaller>) {
  const { configuration, database } = application();
  const [
    eligible,
    daily,
    held,
    ending,
    reviews,
    factor,
    activations,
    extensions,
    requests,
    alerts,
    favourites,
    emergencies,
    exceptions,
    bundles,
    breakGlass,
  ] = await Promise.all([
    eligibleRoles(database, caller, wholeList),
    dailyRoles(database, caller),
    activeNow(database, caller, 8),
    endingSoon(database, caller, shownAtMost),
    reviewsForMe(database, caller),
    factorState(database, caller),
    ifWaiting(
      "activations",
      async () => (await requestsToDecide(database, caller, { search: "", after: null })).rows,
      [],
    ),
    ifWaiting(
      "extensions",
      async () =>
        (await listExtensionRequests(database, caller, { resourceId: null, after: null, forMe: true })).rows,
      [],
    ),
    myRequests(database, caller, { before: null, waiting: true }),
    openAlerts,
    favouriteResources(database, caller),
    ifWaiting("emergencies", () => reviewsToClose(database, caller, shownAtMost), []),
    ifWaiting("exceptions", () => exceptionsToDecide(database, caller, shownAtMost), []),
    bundlesOf(database, caller),
    openBreakGlassUses(database, caller, shownAtMost),
  ]);
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
      // Somebody's own, and what they may not close, is shown on the page of the accounts.
      breakGlass: breakGlass.filter((use) => use.mayClose),
      emergencies: emergencies.slice(0, shownAtMost),
      exceptions: exceptions.slice(0, shownAtMost),
      approved: requests.filter((row) => row.status === "PendingProvisioning"),
      reviews,
      alerts: alerts.resolvable.filter((alert) => alert.severity === "High"),
      // What has no button and no answer yet needs nobody.
      ending: ending.filter((row) => {
        const state = renewals.get(row.id);
        return state?.offer != null || (state?.request != null && isWaiting(state.request.status));
      }),
      renewals,
      factor,
      // Somebody whose provider confirms what takes a second factor lacks none.
      factorMissing:
        !factor.enrolled && confirmingFor(configuration.identityProviders, factor.issuers).length === 0,
      eligible: eligible.rows.length > 0,
    },
  };
}
