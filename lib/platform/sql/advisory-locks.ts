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
  /** Settings of several roles: alone by an edit of them, shared by a batch, which locks settings row by row. */
  settingsOfRoles: 7_362_445,
  /** Where resources lie: alone by a move, shared by whoever gives access (`lock_tree_shape`). */
  treeShape: 7_362_446,
  /** The set of conflict rules: alone by whoever makes, changes or removes one, shared by whoever gives active access. */
  conflictRules: 7_362_441,
  /** Who is in which group and enabled, where rules conflict: alone by whoever changes it, shared by whoever gives access. */
  conflictMemberships: 7_362_442,
  /** One rule, by the hash of its id: alone for access of a group, shared for access of people. */
  conflictRule: 7_362_443,
  /** One person who is given access that a rule names, by the hash of the id. */
  conflictPerson: 7_362_444,
} as const;
