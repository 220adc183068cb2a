import { z } from "zod";
import { readMailAddress } from "@/lib/domain/people/mail-address";

/** A user's address in a form or a file. */
export const mailAddressField = z.string().transform((text, context) => {
  const read = readMailAddress(text);
  if (read.ok) return read.address;
  context.addIssue({ code: "custom", message: read.message });
  return z.NEVER;
});
