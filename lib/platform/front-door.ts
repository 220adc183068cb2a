/** A proxy that seems to stand in front of this process, of which the configuration says nothing. */
export interface UnannouncedProxy {
  readonly header: string;
  readonly since: Date;
}

const noticed = globalThis as typeof globalThis & { posternUnannouncedProxy?: UnannouncedProxy };

/** Notes that a proxy seems to stand in front, for the pages, which are another bundle of this process. */
export function noticeProxy(proxy: UnannouncedProxy): void {
  noticed.posternUnannouncedProxy = proxy;
}

/** What the server in front of the pages noticed in this process (lib/server/http/front-door.ts); null without one. */
export function unannouncedProxy(): UnannouncedProxy | null {
  return noticed.posternUnannouncedProxy ?? null;
}
