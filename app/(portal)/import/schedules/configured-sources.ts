import type { ConfiguredSources } from "@/lib/domain/imports/import-schedule";
import type { ImportSources } from "@/lib/platform/import-files/import-sources";

/** What the configuration allows scheduled imports to read, without secrets. */
export function configuredSources({ folder, hosts }: ImportSources): ConfiguredSources {
  return { folder: folder !== null, hosts: hosts.map(({ host }) => host) };
}
