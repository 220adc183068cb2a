import { addMinutes } from "@/lib/domain/time/schedule";

/** So long after a scan was asked for, nobody asks for another. */
export const scanPauseSeconds = 60;

/** A scan that takes longer than this was broken off. */
const longestScanMinutes = 10;

/** When alerts were scanned for, and whether somebody waits for a scan. */
export interface ScanState {
  readonly wanted: boolean;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** Whether a scan runs, or begins at once. */
export function scanIsUnderWay({ wanted, startedAt, finishedAt }: ScanState, now: Date): boolean {
  if (wanted) return true;
  if (startedAt === null || (finishedAt !== null && finishedAt >= startedAt)) return false;
  return addMinutes(startedAt, longestScanMinutes) > now;
}
