/** The names of all periodic jobs. The database's owner creates their queues before the worker starts. */
export const queueNames = [
  "record-expiries",
  "access-reviews",
  "scan-alerts",
  "count-access",
  "apply-imports",
  "run-import-schedules",
  "time-out-requests",
  "factor-resets",
  "deliver-notifications",
  "prune-wrong-guesses",
  "remind-of-expiry",
  "remind-of-deadlines",
  "make-weekly-digest",
  "prune-past",
  "re-encrypt-secrets",
  "queue-exports",
  "send-mail",
] as const;

export type QueueName = (typeof queueNames)[number];
