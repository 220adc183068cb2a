/** A proxy in front of this process that the configuration does not mention. */
export interface UnannouncedProxy {
  readonly header: string;
  readonly since: Date;
}

const noticed = globalThis as typeof globalThis & { posternUnannouncedProxy?: UnannouncedProxy };

/** Records an unconfigured proxy for the pages, which are another bundle of this process. */
export function noticeProxy(proxy: UnannouncedProxy): void {
  noticed.posternUnannouncedProxy = proxy;
}

/** The unconfigured proxy that the server noticed (lib/server/http/front-door.ts); null if there is none. */
export function unannouncedProxy(): UnannouncedProxy | null {
  return noticed.posternUnannouncedProxy ?? null;
}
