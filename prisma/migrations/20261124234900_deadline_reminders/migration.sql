-- Reminders before a deadline, once for each stage of a request and once for each access review. `reminds_at` is as
-- lib/domain/deadline-reminder.ts says: a quarter of the stage's time before its end, 30 minutes to a day. Null: none.
ALTER TABLE request_approvals
  ADD COLUMN reminds_at timestamptz(6),
  ADD COLUMN reminded_at timestamptz(6);
UPDATE request_approvals
  SET reminds_at = greatest(opened_at,
    expires_at - least(greatest((expires_at - opened_at) / 4, interval '30 minutes'), interval '1 day'))
  WHERE closed_at IS NULL;
CREATE INDEX request_approvals_reminds_idx ON request_approvals (reminds_at)
  WHERE closed_at IS NULL AND reminded_at IS NULL;

ALTER TABLE access_reviews ADD COLUMN reminded_at timestamptz(6);
