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

/** A sign for a type of resource; the type itself always stands beside it in words. */
export function ResourceIcon({ type }: { type: string }) {
  const Icon = known.find(([pattern]) => pattern.test(type))?.[1] ?? Box;
  return <Icon aria-hidden size={16} className="shrink-0 text-muted" />;
}
