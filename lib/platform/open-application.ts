import type { Application } from "@/lib/platform/application";

// One of a process, also across the module reloads of development and the bundles that a process is made of.
const held = globalThis as typeof globalThis & { posternApplication?: Application };

/** The application that this process has opened; undefined before. */
export function openApplication(): Application | undefined {
  return held.posternApplication;
}

/** Keeps the application that this process has just opened, and answers with it. */
export function holdApplication(opened: Application): Application {
  held.posternApplication = opened;
  return opened;
}
