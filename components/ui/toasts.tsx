"use client";

import { useEffect } from "react";
import { Toaster, toast } from "sonner";
import { showToasts } from "@/components/ui/toast";

/** The toasts of a page, in a module of their own so that pages load without it. */
export default function Toasts({ theme }: { theme: "system" | "light" | "dark" }) {
  // Runs after the effect with which `Toaster` begins to listen.
  useEffect(
    () =>
      showToasts(({ kind, text, milliseconds }) => {
        toast[kind](text, milliseconds ? { duration: milliseconds } : undefined);
      }),
    [],
  );
  return <Toaster theme={theme} position="bottom-right" closeButton />;
}
