-- The zone that a person's browser last named, for the times in their mail. Null: the organisation's.
ALTER TABLE notification_preferences
  ADD COLUMN time_zone text CHECK (char_length(time_zone) BETWEEN 1 AND 64);
