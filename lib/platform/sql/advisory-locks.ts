/**
 * The number of every advisory lock, each with the one thing that it is for. A number that stood for two things would make
 * one wait for the other. What migrations write out stands here as well; tests/unit/source/advisory-locks.test.ts compares them.
 */
export const advisoryLocks = {
  /** Applying migrations: one start at a time. */
  migration: 7_362_431,
  /** Preparing an installation (keys, seed): one start at a time. */
  preparation: 7_362_432,
  /** Which groups are in which: whoever puts one group into another, and an import of members. */
  groupGraph: 7_362_433,
  /** Names that somebody takes. The second key is a hash of the kind and the name. */
  names: 7_362_434,
  /** Seeding: held as long as the process that seeds lives. */
  seeding: 7_362_435,
  /** Making and updating the tables of the queues: one worker at a time. */
  queuePreparation: 7_362_436,
  /** Counting access and moving resources (`lock_access_totals`). */
  accessTotals: 7_362_437,
  /** Scanning for alerts: two scans at once would report the same twice. */
  alertScan: 7_362_440,
} as const;
