import { forbidden, notFound } from "next/navigation";
import { cache } from "react";
import type { action } from "@/lib/domain/roles/permissions";
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
