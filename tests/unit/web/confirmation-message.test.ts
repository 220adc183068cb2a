import { expect, it } from "vitest";
import { confirmationFault, confirmationFaults } from "@/lib/web/confirmation-faults";
import { confirmationAddress, confirmationMessage } from "@/lib/web/confirmation-message";
import { confirmationSentence } from "@/lib/web/confirmation-sentences";

it("a window's message is read only if it names a challenge, and a fault that is known or none", () => {
  expect(confirmationMessage({ challengeId: "c", fault: null })).toEqual({ challengeId: "c", fault: null });
  expect(confirmationMessage({ challengeId: "c", fault: "Declined", proofId: "p" })).toEqual({
    ...{ challengeId: "c", fault: "Declined" },
  });
  for (const other of [
    null,
    "c",
    7,
    {},
    { challengeId: 7, fault: null },
    { challengeId: "c" },
    { challengeId: "c", fault: "x" },
  ])
    expect(confirmationMessage(other)).toBeNull();
});

it("every fault is said with what to do, and nothing else is one", () => {
  for (const fault of confirmationFaults) {
    expect(confirmationFault(fault)).toBe(fault);
    expect(confirmationSentence(fault, "Contoso")).toMatch(/\. (Nothing|Try|Start|If|Sign|Use)|Try again/);
  }
  for (const other of ["", "toString", undefined, ["Declined"]]) expect(confirmationFault(other)).toBeNull();
});

it("a window begins with its challenge, and asks for what cannot be phished where only that counts", () => {
  expect(confirmationAddress("contoso", "c", false)).toBe("/api/auth/confirm/contoso?challenge=c");
  expect(confirmationAddress("contoso", "c", true)).toBe("/api/auth/confirm/contoso?challenge=c&resistant=1");
});
