"use client";

import { later } from "@/components/ui/later";

/** A `ProtectedForm` in a `Dialog`. Its code is loaded with that of the dialog. */
export const DialogForm = later(() =>
  import("@/components/ui/forms/protected-form").then(({ ProtectedForm }) => ProtectedForm),
);
