import { Prisma } from "@/lib/platform/generated/client";

/**
 * The condition that the session `s` is open: not ended, and neither too old nor unused for too long by the
 * rules in force. A session that awaits a second factor is not open. Shorter rules end older sessions at once.
 * Longer rules apply to sessions that begin later, and bring none back.
 */
export const openSession = Prisma.sql`(s.ended_at IS NULL AND NOT s.awaits_factor AND s.expires_at > postern_now() AND EXISTS (
  SELECT FROM sign_in_rules rules WHERE s.created_at > greatest(rules.sessions_begun_after,
      postern_now() - make_interval(hours => rules.session_hours))
    AND s.last_seen_at > greatest(rules.sessions_used_after,
      postern_now() - make_interval(mins => rules.idle_minutes))))`;
