import { forbidden, notFound } from "next/navigation";
import { cache } from "react";
import { countedAtMost } from "@/lib/domain/requests/waiting";
import type { action } from "@/lib/domain/roles/permissions";
import { application } from "@/lib/platform/application";
import { highestOpen } from "@/lib/queries/alerts/open-alerts";
import { countReviewsToClose } from "@/lib/queries/requests/break-glass";
import { type ResourceView, viewResource } from "@/lib/queries/resources/resources";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import { ifWaiting } from "../frame-data";

/** The open alerts of the highest severity at a resource and below. Read once for its pane and its page. */
export const highestOpenAlerts = cache(async (resourceId: string) => {
  const resource = await view(resourceId);
  return resource?.may.readAlerts
    ? highestOpen(application().database, await requireCaller(), resource)
    : null;
});

/** In words, how many emergency activations the reader may review there and below; empty for zero. Also read once. */
export const reviewsToCloseAt = cache(async (resourceId: string) => {
  const resource = await view(resourceId);
  if (!resource) return "";
  const { database } = application();
  const caller = await requireCaller();
  const count = await ifWaiting(
    "emergencies",
    () => countReviewsToClose(database, caller, resource, countedAtMost + 1),
    0,
  );
  return count > countedAtMost ? `${countedAtMost}+` : count > 0 ? String(count) : "";
});

const view = cache(async (resourceId: string) =>
  viewResource(application().database, await requireCaller(), resourceId),
);

/** Reads the resource of a page. Answers 404 if the caller may not see it, and 403 if they lack the required right. */
export async function openResource(
  resourceId: string,
  right: keyof typeof action | null,
): Promise<ResourceView> {
  const resource = await view(resourceId);
  if (!resource) notFound();
  if (right !== null && !resource.may[right]) forbidden();
  return resource;
}

/**
 * The resource of a page if the caller has the right that the page requires there. Reads only what the page
 * reads anyway.
 */
export async function mayAtResource(
  resourceId: string,
  right: keyof typeof action,
): Promise<ResourceView | null> {
  const resource = await view(resourceId);
  return resource?.may[right] ? resource : null;
}

/** The name of a resource as a title, null if the caller may not know of it. */
export async function resourceTitle(resourceId: string): Promise<string | null> {
  const resource = await view(resourceId);
  return resource && asTitle(resource.displayName);
}
