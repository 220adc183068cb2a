import type pg from "pg";
import { connectionSettings } from "@/lib/platform/connection-settings";
import { applicationRoleAt } from "@/lib/platform/database";
import { DatabaseClient } from "@/lib/platform/database-client";

/** Reports in this process whose notifications have changed, whichever process changed them. */
export interface NotificationListener {
  /** Calls back after each change of the person's notifications, until the returned function is called. */
  subscribe(userId: string, onChange: () => void): () => void;
  close(): Promise<void>;
}

const channel = "postern_notifications";
const longestPauseMilliseconds = 10_000;

/**
 * Listens on one connection of its own, opened at the first subscription and again when it is lost. After that
 * every subscriber is called back, since something may have been missed.
 */
export function listenForNotifications(url: string): NotificationListener {
  const subscribers = new Map<string, Set<() => void>>();
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let pauseMilliseconds = 250;

  function lost(which: pg.Client) {
    if (client !== which) return;
    client = null;
    which.end().catch(() => {});
    if (closed) return;
    timer = setTimeout(connect, pauseMilliseconds);
    pauseMilliseconds = Math.min(pauseMilliseconds * 2, longestPauseMilliseconds);
  }

  function connect() {
    const { options, onConnect } = {
      onConnect: undefined,
      ...connectionSettings(url, { role: applicationRoleAt(url) }),
    };
    const opened = new DatabaseClient({
      connectionString: url,
      options,
      connectionTimeoutMillis: 5_000,
      application_name: "postern-notifications",
    });
    client = opened;
    opened.on("error", () => lost(opened));
    opened.on("end", () => lost(opened));
    opened.on("notification", ({ payload }) => {
      for (const call of subscribers.get(payload ?? "") ?? []) call();
    });
    opened
      .connect()
      .then(() => onConnect?.(opened))
      .then(() => opened.query(`LISTEN ${channel}`))
      .then(
        () => {
          pauseMilliseconds = 250;
          for (const calls of subscribers.values()) for (const call of calls) call();
        },
        () => lost(opened),
      );
  }

  return {
    subscribe(userId, onChange) {
      if (closed) return () => {};
      const calls = subscribers.get(userId) ?? new Set();
      calls.add(onChange);
      subscribers.set(userId, calls);
      if (client === null && timer === undefined) connect();
      return () => {
        calls.delete(onChange);
        if (calls.size === 0 && subscribers.get(userId) === calls) subscribers.delete(userId);
      };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const opened = client;
      client = null;
      await opened?.end().catch(() => {});
    },
  };
}
