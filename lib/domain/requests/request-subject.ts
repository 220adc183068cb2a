/**
 * What distinguishes the requests of one type: a request about an activation has a duration, one for more time has
 * none.
 */
export interface RequestSubject {
  readonly requestType: string;
  readonly durationMinutes: number | null;
}

/** Whether a request asks to extend an activation in place, which its approvers decide. */
export function extendsActivation({ requestType, durationMinutes }: RequestSubject): boolean {
  return requestType === "SelfExtend" && durationMinutes !== null;
}

/** Whether a request asks for more time of an eligibility or direct assignment, which administrators decide. */
export function asksMoreTime({ requestType, durationMinutes }: RequestSubject): boolean {
  return (requestType === "SelfExtend" || requestType === "SelfRenew") && durationMinutes === null;
}

/** Whether a request is about an activation: to begin one, or to extend one. */
export function isOfActivation(request: RequestSubject): boolean {
  return request.requestType === "SelfActivate" || extendsActivation(request);
}
