/**
 * The number of every advisory lock, and its single purpose. If a number had two purposes, one would wait for
 * the other. Numbers that migrations write out are listed here as well;
 * tests/unit/source/advisory-locks.test.ts compares them.
 */
export const advisoryLocks = {
  /** Applying migrations: one start at a time. */
  migration: 7_362_431,
  /** Preparing an installation (keys, seed): one start at a time. */
  preparation: 7_362_432,
  /** Which groups are in which: taken when one group is added to another, and by an import of members. */
  groupGraph: 7_362_433,
  /** Names that somebody takes. The second key is a hash of the kind and the name. */
  names: 7_362_434,
  /** Seeding. Held as long as the process that seeds lives. */
  seeding: 7_362_435,
  /** Making and updating the tables of the queues: one worker at a time. */
  queuePreparation: 7_362_436,
  /** Counting access and moving resources (`lock_access_totals`). */
  accessTotals: 7_362_437,
  /** Scanning for alerts: two scans at once would report the same twice. */
  alertScan: 7_362_440,
  /** Settings of several roles: exclusive for an edit of them, shared for a batch, which locks settings row by row. */
  settingsOfRoles: 7_362_445,
  /** The positions of resources: exclusive for a move, shared for giving access (`lock_tree_shape`). */
  treeShape: 7_362_446,
  /** The set of conflict rules: exclusive for creating, changing or removing one, shared for giving active access. */
  conflictRules: 7_362_441,
  /** Who is in which group and enabled, where rules conflict: exclusive for changes of that, shared for giving access. */
  conflictMemberships: 7_362_442,
  /** One rule, by the hash of its id: exclusive for access of a group, shared for access of people. */
  conflictRule: 7_362_443,
  /** One person who is given access that a rule names, by the hash of the id. */
  conflictPerson: 7_362_444,
} as const;
