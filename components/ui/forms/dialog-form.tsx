"use client";

import { later } from "@/components/ui/later";

/** A `ProtectedForm` in a `Dialog`, whose code comes with that of the dialog. */
export const DialogForm = later(() =>
  import("@/components/ui/forms/protected-form").then(({ ProtectedForm }) => ProtectedForm),
);
