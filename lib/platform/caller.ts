import type { ChosenTimes } from "@/lib/domain/time/reader-times";

/** Who makes this request. Operations and queries decide by it and the database alone. */
export interface Caller {
  readonly userId: string;
  readonly displayName: string;
  readonly email: string;
  readonly sessionId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** One for each request: it ties together the audit events that the request writes. A UUID. */
  readonly correlationId: string;
  /** How they chose to be shown times, where it was read. */
  readonly times?: ChosenTimes;
}

/** Who acts: a caller, or a person in whose name something is carried out later. */
export type Actor = Pick<Caller, "userId" | "displayName"> & Partial<Caller>;

/** A directory that provisions people and groups by SCIM, as its token tells. It has no rights at any resource. */
export interface DirectoryCaller
  extends Pick<Caller, "displayName" | "ipAddress" | "userAgent" | "correlationId"> {
  readonly directoryId: string;
  readonly tokenHash: Uint8Array<ArrayBuffer>;
}

/** For whom something is read: what they may read is decided by the database, by their id alone. */
export type Reader = Pick<Caller, "userId">;
