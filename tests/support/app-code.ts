import { generateSync } from "otplib";

/** The code that an authenticator app shows at a moment, or the given number of thirty-second steps later. */
export function appCode(secret: string, at: Date, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(at.getTime() / 1000) + steps * 30 });
}
