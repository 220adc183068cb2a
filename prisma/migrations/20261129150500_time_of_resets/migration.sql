-- The time of a reset is read a moment before its row is written, which tells its own: the hours hold to the minute.
ALTER TABLE factor_resets DROP CONSTRAINT factor_resets_check4;
ALTER TABLE factor_resets ADD CONSTRAINT factor_resets_due_check
  CHECK (due_at >= asked_at + make_interval(hours => delay_hours) - interval '1 minute');
