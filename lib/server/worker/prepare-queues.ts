import { prepareQueues } from "@/lib/platform/jobs";
import { queueNames } from "@/lib/server/worker/queue-names";

// Creates or updates the tables of the worker's queues, as the owner that DATABASE_URL names. The worker itself
// uses them with a login that owns nothing.
await prepareQueues(
  process.env.DATABASE_URL ?? "",
  queueNames.map((name) => ({ name })),
);
