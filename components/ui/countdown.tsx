"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

function words(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const part = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const whole = days === 0 ? "" : days === 1 ? "1 day " : `${days} days `;
  return `${whole}${Math.floor(seconds / 3600) % 24}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
}

/** The time left by the database's clock. The browser's own clock does not matter. */
export function Countdown({ endsAt, now }: { endsAt: string; now: string }) {
  const router = useRouter();
  const total = Date.parse(endsAt) - Date.parse(now);
  const [left, setLeft] = useState(total);
  useEffect(() => {
    const started = [performance.now(), Date.now()] as const;
    const timer = setInterval(() => {
      // One of the browser's clocks may stop while the machine sleeps.
      const passed = Math.max(performance.now() - started[0], Date.now() - started[1]);
      const remaining = total - passed;
      setLeft(remaining);
      if (remaining <= 0) {
        clearInterval(timer);
        router.refresh();
      }
    }, 1000);
    return () => clearInterval(timer);
  }, [total, router]);
  return (
    <span role="timer" aria-label="Time left" className="font-mono whitespace-nowrap tabular-nums">
      {words(left)}
    </span>
  );
}
