/** A proxy that seems to stand in front of this process, of which the configuration says nothing. */
export interface UnannouncedProxy {
  readonly header: string;
  readonly since: Date;
}

/** What the server in front of the pages noticed in this process (lib/server/http/front-door.mjs); null without one. */
export function unannouncedProxy(): UnannouncedProxy | null {
  const noticed = globalThis as typeof globalThis & { posternUnannouncedProxy?: UnannouncedProxy };
  return noticed.posternUnannouncedProxy ?? null;
}
