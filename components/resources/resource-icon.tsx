import {
  AppWindow,
  Box,
  Building2,
  Database,
  Folder,
  HardDrive,
  KeySquare,
  Layers,
  Network,
  Server,
} from "lucide-react";

const known: readonly (readonly [pattern: RegExp, icon: typeof Box])[] = [
  [/(^root|\/tenants)$/i, Building2],
  [/\/managementGroups$/i, Network],
  [/\/subscriptions$/i, Layers],
  [/\/resourceGroups$/i, Folder],
  [/^Microsoft\.Compute\//i, Server],
  [/^Microsoft\.Storage\//i, HardDrive],
  [/(Sql|DocumentDB|DBfor)/i, Database],
  [/^Microsoft\.KeyVault\//i, KeySquare],
  [/^Microsoft\.Web\//i, AppWindow],
];

/** An icon for a resource type. The type is always shown in words as well. */
export function ResourceIcon({ type }: { type: string }) {
  const Icon = known.find(([pattern]) => pattern.test(type))?.[1] ?? Box;
  return <Icon aria-hidden size={16} className="shrink-0 text-muted" />;
}
