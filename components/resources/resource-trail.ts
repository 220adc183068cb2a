import type { Crumb } from "@/components/ui/page-parts";

interface Place {
  readonly id: string;
  readonly displayName: string;
}

/** The way down the tree to a resource, itself left out: the trail of its overview. */
export function trailTo(resource: { readonly above: readonly Place[] }): Crumb[] {
  return [
    { href: "/resources", label: "Resources" },
    ...resource.above.map((each) => ({ href: `/resources/${each.id}`, label: each.displayName })),
  ];
}

/** The way to a page of a resource, and on through what lies between, such as its roles. */
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
