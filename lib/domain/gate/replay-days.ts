/** How many days back requests are replayed. */
export const replayDays = 90;
