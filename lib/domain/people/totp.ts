import { verifySync } from "otplib";
import { isAppCode } from "@/lib/domain/people/typed-code";

/** RFC 6238: thirty-second steps, six digits, SHA-1, as every authenticator app makes them. */
export const stepSeconds = 30;
/** One step of clock drift either way is accepted (docs/rules.md, rule 3). */
const toleranceSeconds = stepSeconds;
export const attemptsBeforeLock = 5;
const firstLockMinutes = 15;

/**
 * The time step that a code proves at a moment. Null if the code is wrong, or if its step or a later
 * one was used already (RFC 6238 section 5.2).
 */
export function provenStep(
  secret: string,
  code: string,
  now: Date,
  lastUsedStep: bigint | null,
): bigint | null {
  if (!isAppCode(code)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: toleranceSeconds });
  if (!result.valid || !("timeStep" in result)) return null;
  const step = BigInt(result.timeStep);
  return lastUsedStep !== null && step <= lastUsedStep ? null : step;
}

/** How long the n-th lock (counted from 1) of a factor lasts: 15 minutes, doubling, a day at most. */
export function lockMinutes(lock: number): number {
  return Math.min(firstLockMinutes * 2 ** (lock - 1), 24 * 60);
}
