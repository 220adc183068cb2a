import type { ChosenTimes } from "@/lib/domain/time/reader-times";

/** Who makes this request. Operations and queries decide only by this and the database. */
export interface Caller {
  readonly userId: string;
  readonly displayName: string;
  readonly email: string;
  readonly sessionId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** One per request. It connects the audit events that the request writes. A UUID. */
  readonly correlationId: string;
  /** How they chose to see times, if it was read. */
  readonly times?: ChosenTimes;
}

/** Who acts: a caller, or a person in whose name something is done later. */
export type Actor = Pick<Caller, "userId" | "displayName"> & Partial<Caller>;

/** A directory that provisions people and groups by SCIM, known by its token. It has no rights at any resource. */
export interface DirectoryCaller
  extends Pick<Caller, "displayName" | "ipAddress" | "userAgent" | "correlationId"> {
  readonly directoryId: string;
  readonly tokenHash: Uint8Array<ArrayBuffer>;
}

/** For whom something is read. The database decides what they may read, by their id alone. */
export type Reader = Pick<Caller, "userId">;
