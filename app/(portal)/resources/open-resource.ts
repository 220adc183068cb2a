import { forbidden, notFound } from "next/navigation";
import { cache } from "react";
import type { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { type ResourceView, viewResource } from "@/lib/queries/resources/resources";
import { requireCaller } from "@/lib/web/request";

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

/** The name of a resource as a title, null if the caller may not know of it. The page reads the same answer. */
export async function resourceTitle(resourceId: string): Promise<string | null> {
  const resource = await view(resourceId);
  // The title of a page takes the place of "%s" wherever it stands.
  return resource && isolated(resource.displayName).replaceAll("%s", "% s");
}
