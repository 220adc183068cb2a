import { ResourceIcon } from "@/components/resources/resource-icon";
import { Name } from "@/components/ui/name";
import type { OwnTypes } from "@/lib/domain/resources/own-type";
import { sameNameKey } from "@/lib/domain/text/names";
import { visible } from "@/lib/domain/text/visible-text";
import type { FoundResource } from "@/lib/queries/resources/find-resources";

/** Links to resources that the reader starred. If two have the same name, their scopes distinguish them. */
export function FavouriteLinks({
  resources,
  types,
}: {
  resources: readonly FoundResource[];
  types: OwnTypes;
}) {
  const names = resources.map((each) => sameNameKey(each.displayName));
  return (
    <ul className="flex flex-wrap gap-2">
      {resources.map((resource, index) => (
        <li key={resource.id} className="min-w-0 max-w-full">
          <a
            href={`/resources/${resource.id}`}
            className="chip favourite-link"
            title={visible(resource.scope)}
          >
            <ResourceIcon type={resource.resourceType} own={types} />
            <span className="truncate">
              <Name of={resource.displayName} />
            </span>
            {names.indexOf(names[index] ?? "") === names.lastIndexOf(names[index] ?? "") ? null : (
              // The end of a scope says more than its beginning.
              <span className="min-w-0 truncate text-left text-muted [direction:rtl]">
                <bdi dir="ltr">{visible(resource.scope)}</bdi>
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}
