/** Who is asking, as established for this request. Operations and queries decide from it and the database alone. */
export interface Caller {
  readonly userId: string;
  readonly displayName: string;
  readonly email: string;
  readonly sessionId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** One per request; ties together the audit events that a request writes. A UUID. */
  readonly correlationId: string;
}

/** Who acts: a caller, or a person on whose behalf something that they set in motion is carried out later. */
export type Actor = Pick<Caller, "userId" | "displayName"> & Partial<Caller>;
