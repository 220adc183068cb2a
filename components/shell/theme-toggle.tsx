"use client";

import { Moon, Sun } from "lucide-react";

/** Switches between light and dark and remembers it for a year. */
export function ThemeToggle() {
  function toggle() {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    Reflect.set(document, "cookie", `postern-theme=${next}; path=/; max-age=31536000; samesite=lax`);
  }
  return (
    <button
      type="button"
      className="button button-quiet px-2"
      onClick={toggle}
      aria-label="Switch between light and dark"
    >
      <Sun aria-hidden size={17} className="hidden dark:block" />
      <Moon aria-hidden size={17} className="dark:hidden" />
    </button>
  );
}
