-- The zone and the language of times that a person chose under Profile. Null: those of the browser and of the pages.
ALTER TABLE notification_preferences
  ADD COLUMN chosen_time_zone text CHECK (char_length(chosen_time_zone) BETWEEN 1 AND 64),
  ADD COLUMN times_language text CHECK (char_length(times_language) BETWEEN 2 AND 10);
