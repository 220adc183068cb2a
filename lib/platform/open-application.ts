import type { Configuration } from "@/lib/platform/configuration";
import type { Database } from "@/lib/platform/database";
import type { NotificationListener } from "@/lib/platform/notification-listener";

export interface Application {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly notifications: NotificationListener;
  /** The responses that are still being written, each with a way to end it. */
  readonly openStreams: Set<() => void>;
  /** The server calls it when it stops, so that no open stream delays it. */
  stop(): Promise<void>;
}

// One for each process, shared by the module reloads of development and the bundles of a process.
const held = globalThis as typeof globalThis & { posternApplication?: Application };

/** The application that this process has opened; undefined before. */
export function openApplication(): Application | undefined {
  return held.posternApplication;
}

/** Stores the application that this process has just opened, and returns it. */
export function holdApplication(opened: Application): Application {
  held.posternApplication = opened;
  return opened;
}
