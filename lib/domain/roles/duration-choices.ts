/** The initial value of **Allow break-glass**: one hour. */
export const initialBreakGlassMinutes = 60;

/** The choices of **Expire eligible assignments after**, in days: 15 days, 1, 3 and 6 months, 1 year. */
export const eligibleMaximumDaysChoices = [15, 30, 90, 180, 365] as const;
/** The choices of **Expire active assignments after**, in days: 15 days, 1, 3 and 6 months. */
export const activeMaximumDaysChoices = [15, 30, 90, 180] as const;
