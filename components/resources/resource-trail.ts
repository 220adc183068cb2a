import type { Crumb } from "@/components/ui/page-parts";

interface Place {
  readonly id: string;
  readonly displayName: string;
}

/** The breadcrumb of a resource's overview: the resources above it. */
export function trailTo(resource: { readonly above: readonly Place[] }): Crumb[] {
  return [
    { href: "/resources", label: "Resources" },
    ...resource.above.map((each) => ({ href: `/resources/${each.id}`, label: each.displayName })),
  ];
}

/** The breadcrumb of a page of a resource, with the pages in between, such as its roles. */
export function trailInside(
  resource: Place & { readonly above: readonly Place[] },
  ...between: readonly Crumb[]
): Crumb[] {
  return [
    ...trailTo(resource),
    { href: `/resources/${resource.id}`, label: resource.displayName },
    ...between,
  ];
}
