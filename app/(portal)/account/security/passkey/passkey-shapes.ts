import { z } from "zod";
import { jsonOf, knownId, unseen, withoutNul } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const base64url = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\w-]*$/);

/** A browser's answer for a passkey that it made (WebAuthn Level 3, `RegistrationResponseJSON`). */
const newPasskey = z.object({
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal("public-key"),
  clientExtensionResults: z.object({}),
  response: z.object({
    attestationObject: base64url(15_000),
    clientDataJSON: base64url(4_000),
    transports: z
      .array(z.enum(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]))
      .max(10)
      .catch([]),
  }),
});

const name = z.string().max(500, "Write a shorter name.").transform(withoutNul);

export const registrationShape = z.object({
  name,
  registration: unseen(jsonOf(newPasskey), sentences.unreadable),
});
export const renameShape = z.object({ passkeyId: knownId("passkey"), name });
export const removeShape = z.object({ passkeyId: knownId("passkey") });
