import { Prisma } from "@/lib/platform/generated/client";

/**
 * The condition that the person of the session `s` proved who they are within the last hour: by signing in, or again
 * since (docs/decisions/sessions.md).
 */
export const recentlyProved = Prisma.sql`(
  greatest(s.created_at, s.reauthenticated_at) > postern_now() - interval '1 hour')`;
