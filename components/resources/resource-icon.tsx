import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import type { OwnTypes } from "@/lib/domain/resources/own-type";
import { ownType } from "@/lib/domain/resources/resource-type";

const known: readonly (readonly [pattern: RegExp, icon: IconName])[] = [
  [/(^root|\/tenants)$/i, "building-complex"],
  [/\/managementGroups$/i, "network"],
  [/\/subscriptions$/i, "layers"],
  [/\/resourceGroups$/i, "folder"],
  [/^Microsoft\.Compute\//i, "server"],
  [/^Microsoft\.Storage\//i, "hard-drive"],
  [/(Sql|DocumentDB|DBfor)/i, "database"],
  [/^Microsoft\.KeyVault\//i, "key-square"],
  [/^Microsoft\.Web\//i, "app-window"],
];

/** The icon of a resource type. */
export function iconOfType(type: string, own: OwnTypes = {}): IconName {
  return ownType(own, type)?.icon ?? known.find(([pattern]) => pattern.test(type))?.[1] ?? "box";
}

/** An icon for a resource type. The type is always shown in words as well. */
export function ResourceIcon({ type, own }: { type: string; own: OwnTypes }) {
  return <Icon name={iconOfType(type, own)} size={16} className="shrink-0 text-muted" />;
}
