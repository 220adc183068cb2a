import { type Configuration, readConfiguration } from "@/lib/platform/configuration";
import { type Database, openDatabase } from "@/lib/platform/database";
import { listenForNotifications, type NotificationListener } from "@/lib/platform/notification-listener";
import { holdApplication, openApplication } from "@/lib/platform/open-application";

export interface Application {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly notifications: NotificationListener;
  /** The answers that are still being written, each with the way to end it. */
  readonly openStreams: Set<() => void>;
  /** Called by the server when it stops, so that no open stream holds it up. */
  stop(): Promise<void>;
}

/** The serving process's configuration and database, opened on first use. Tests and scripts open their own. */
export function application(): Application {
  return openApplication() ?? holdApplication(open());
}

function open(): Application {
  const configuration = readConfiguration();
  const notifications = listenForNotifications(configuration.databaseUrl);
  const openStreams = new Set<() => void>();
  return {
    configuration,
    database: openDatabase({ url: configuration.databaseUrl }),
    notifications,
    openStreams,
    async stop() {
      for (const end of openStreams) end();
      await notifications.close();
    },
  };
}
