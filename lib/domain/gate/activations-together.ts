/** One of several activations that a member requests together. */
export interface ActivationItem {
  readonly eligibilityId: string;
  readonly resourceId: string;
  readonly startsAt: string | null;
  readonly durationMinutes: number;
}

/**
 * How many roles may be activated together: as many as a person can look through and one transaction can handle
 * quickly.
 */
export const mostAtOnce = 25;

/** The order of activations that are made together. All transactions lock in this order. */
export function byEligibility(
  left: Pick<ActivationItem, "eligibilityId" | "resourceId">,
  right: Pick<ActivationItem, "eligibilityId" | "resourceId">,
): number {
  const key = (item: typeof left) => `${item.eligibilityId} ${item.resourceId}`;
  return key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0;
}
