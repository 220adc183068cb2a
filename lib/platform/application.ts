import { readConfiguration } from "@/lib/platform/configuration";
import { openDatabase } from "@/lib/platform/database";
import { listenForNotifications } from "@/lib/platform/notification-listener";
import { type Application, holdApplication, openApplication } from "@/lib/platform/open-application";

/** The configuration and database of the serving process, opened on first use. Tests and scripts open their own. */
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
