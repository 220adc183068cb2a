import { expect, it } from "vitest";
import { counterWentBack, keptInWords } from "@/lib/domain/people/passkey";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";

it.each([
  ["https://postern.example", "postern.example", "https://postern.example"],
  ["https://Postern.Example:8443/somewhere", "postern.example", "https://postern.example:8443"],
  ["http://localhost:3000", "localhost", "http://localhost:3000"],
  ["http://postern.localhost:3000", "postern.localhost", "http://postern.localhost:3000"],
  ["https://postern7", "postern7", "https://postern7"],
  ["https://7.postern.example", "7.postern.example", "https://7.postern.example"],
])("passkeys at %s are for %s alone", (address, id, origin) => {
  expect(relyingPartyOf(address)).toEqual({ id, origin });
});

it.each(["http://postern.example", "https://192.0.2.7", "http://127.0.0.1:3000", "https://[2001:db8::1]"])(
  "there are no passkeys at %s, as in browsers",
  (address) => {
    expect(relyingPartyOf(address)).toBeNull();
  },
);

it.each([
  [0n, 0, false],
  [0n, 1, false],
  [7n, 8, false],
  [7n, 7, true],
  [7n, 6, true],
  [7n, 0, true],
])("a count of signatures after %s that is %s went back: %s", (known, sent, back) => {
  expect(counterWentBack(known, sent)).toBe(back);
});

it("says where a passkey is kept", () => {
  expect(keptInWords({ backupEligible: false, backedUp: false })).toBe("On one device");
  expect(keptInWords({ backupEligible: true, backedUp: true })).toBe("Synced, backed up");
  expect(keptInWords({ backupEligible: true, backedUp: false })).toBe("Can be synced, not backed up");
});
