"use client";

import { useLayoutEffect } from "react";

/** A moment by the server's clock, and the browser's two clocks when it arrived. */
interface Reference {
  readonly server: number;
  readonly wall: number;
  readonly running: number;
}

let reference: Reference | null = null;

/**
 * Now, by the server's clock, in milliseconds. The browser's clock may be wrong by hours, so only the time since the
 * page was made is taken from it. One of its two clocks may stop while the machine sleeps, so the larger time counts.
 */
export function serverNow(): number {
  reference ??= stated();
  // Without a page this is the server, so its own clock counts.
  if (reference === null) return Date.now();
  const passed = Math.max(performance.now() - reference.running, Date.now() - reference.wall);
  return reference.server + passed;
}

function begin(now: string): Reference {
  return { server: Date.parse(now), wall: Date.now(), running: performance.now() };
}

/** The time in the page. A form may be ready before the page's own clock is. */
function stated(): Reference | null {
  const said = typeof document === "undefined" ? null : document.querySelector("[data-server-now]");
  return said instanceof HTMLElement ? begin(said.dataset.serverNow ?? "") : null;
}

/** Sets the clock by which panels say until when something lasts. `now` is the database's, in ISO 8601. */
export function ServerClock({ now }: { now: string }) {
  useLayoutEffect(() => {
    reference = begin(now);
  }, [now]);
  return <span hidden data-server-now={now} />;
}
