"use client";

import { useCallback, useEffect, useRef, useState } from "react";

/** The data that the panel of the top bar reads when it opens. */
export interface BarList<Item> {
  /** Null until it is read. Earlier data stays while it is read again. */
  readonly items: readonly Item[] | null;
  readonly failed: "" | "The list could not be read." | "Your session has ended.";
  readonly read: () => void;
}

/** Reads the list of a panel of the top bar, as JSON from this address. The latest answer counts. */
export function useBarList<Item>(href: string): BarList<Item> {
  const [items, setItems] = useState<readonly Item[] | null>(null);
  const [failed, setFailed] = useState<BarList<Item>["failed"]>("");
  const running = useRef<AbortController | null>(null);
  const read = useCallback(async () => {
    running.current?.abort();
    const asked = new AbortController();
    running.current = asked;
    setFailed("");
    try {
      const response = await fetch(href, { signal: asked.signal });
      if (response.status === 401) return setFailed("Your session has ended.");
      if (!response.ok) throw new Error(`the list answered ${response.status}`);
      setItems((await response.json()) as Item[]);
    } catch {
      if (!asked.signal.aborted) setFailed("The list could not be read.");
    }
  }, [href]);
  useEffect(() => {
    read();
    return () => running.current?.abort();
  }, [read]);
  return { items, failed, read };
}

/** Shown instead of a list: that it is loading, is empty or could not be read, with a button to try again. */
export function BarListNote({ list, empty }: { list: BarList<unknown>; empty: string }) {
  if (list.failed)
    return (
      <p role="alert" className="bar-panel-note">
        {list.failed}{" "}
        {list.failed === "Your session has ended." ? (
          "Reload the page to sign in."
        ) : (
          <button type="button" className="button" onClick={list.read}>
            Try again
          </button>
        )}
      </p>
    );
  if (list.items?.length) return null;
  return (
    <p role="status" className="bar-panel-note">
      {list.items === null ? "Loading…" : empty}
    </p>
  );
}
