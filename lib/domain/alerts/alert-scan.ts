import { addMinutes } from "@/lib/domain/time/schedule";

/** How long after a scan was requested nobody can request another. */
export const scanPauseSeconds = 60;

/** A scan that takes longer than this counts as aborted. */
const longestScanMinutes = 10;

/** When alerts were scanned for, and whether a scan is requested. */
export interface ScanState {
  readonly wanted: boolean;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** Whether a scan is running, or begins at once. */
export function scanIsUnderWay({ wanted, startedAt, finishedAt }: ScanState, now: Date): boolean {
  if (wanted) return true;
  if (startedAt === null || (finishedAt !== null && finishedAt >= startedAt)) return false;
  return addMinutes(startedAt, longestScanMinutes) > now;
}
