import type { ConfiguredSources } from "@/lib/domain/imports/import-schedule";
import type { ImportSources } from "@/lib/platform/import-files/import-sources";

/** What the configuration lets scheduled imports read, without what is secret. */
export function configuredSources({ folder, hosts }: ImportSources): ConfiguredSources {
  return { folder: folder !== null, hosts: hosts.map(({ host }) => host) };
}
