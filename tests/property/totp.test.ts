import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { attemptsBeforeLock, lockMinutes, provenStep } from "@/lib/domain/people/totp";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4226, section 5.3, implemented from its text with node:crypto alone, to compare the library with. */
function hotp(key: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", key).update(message).digest();
  const offset = mac.readUInt8(19) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** RFC 4648, section 6, without padding, as authenticator apps are given a key. */
function toBase32(key: Uint8Array): string {
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => base32[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

const rfcKey = Buffer.from("12345678901234567890");

it("agrees with RFC 4226, appendix D", () => {
  const codes = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
  for (const [counter, code] of codes.entries()) {
    expect(hotp(rfcKey, counter)).toBe(code);
    expect(provenStep(toBase32(rfcKey), code, new Date(counter * 30_000), null)).toBe(BigInt(counter));
  }
});

it("agrees with an implementation of its own at any key and moment, and within one step of drift only", () => {
  const key = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(
      key,
      fc.integer({ min: 10, max: 2 ** 31 }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: 0, max: 29_999 }),
      (bytes, step, drift, within) => {
        const code = hotp(bytes, step + drift);
        const near = [-1, 0, 1].map((each) => hotp(bytes, step + each));
        const proved = provenStep(toBase32(bytes), code, new Date(step * 30_000 + within), null);
        expect(proved !== null).toBe(near.includes(code));
        if (proved !== null) expect(hotp(bytes, Number(proved))).toBe(code);
      },
    ),
    { numRuns: 500 },
  );
});

it("refuses a step already used and every older one, and takes the next", () => {
  const key = randomBytes(20);
  const secret = toBase32(key);
  const step = 1_000_000;
  const now = new Date(step * 30_000 + 12_000);
  const at = (drift: number, lastUsed: number) =>
    provenStep(secret, hotp(key, step + drift), now, BigInt(lastUsed));
  expect(at(0, step)).toBeNull();
  expect(at(-1, step)).toBeNull();
  expect(at(0, step + 1)).toBeNull();
  expect(at(1, step)).toBe(BigInt(step + 1));
  expect(at(0, step - 1)).toBe(BigInt(step));
});

it("takes six digits and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456789 .-e") })), (text) => {
      if (!/^\d{6}$/.test(text))
        expect(provenStep(toBase32(rfcKey), text, new Date(30_000), null)).toBeNull();
    }),
  );
});

it("locks for fifteen minutes, doubling, for a day at the most", () => {
  expect(attemptsBeforeLock).toBe(5);
  expect([1, 2, 3, 4].map(lockMinutes)).toEqual([15, 30, 60, 120]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (lock) => {
      expect(lockMinutes(lock + 1)).toBe(Math.min(lockMinutes(lock) * 2, 1440));
    }),
  );
});
