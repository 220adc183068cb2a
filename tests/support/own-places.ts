import { randomUUID } from "node:crypto";
import type { Resource } from "@/lib/platform/generated/client";
import type { Administration } from "./administration";

/** A resource of the own type `databases` below another one, named as the last part of its path. */
export function makeDatabase(
  at: Pick<Administration, "database">,
  parent: { readonly id: string; readonly scope: string },
  name = `db-${randomUUID()}`,
): Promise<Resource> {
  return at.database.client.resource.create({
    data: {
      ...{ parentId: parent.id, displayName: name, resourceType: "databases" },
      scope: `${parent.scope === "/" ? "" : parent.scope}/databases/${name}`,
    },
  });
}

/** The facts of a preview, which must be shown and must not be refused. */
export function factsOf<Facts>(preview: { readonly facts: Facts } | { readonly code: string } | null): Facts {
  if (preview === null || "code" in preview) throw new Error(JSON.stringify(preview));
  return preview.facts;
}
