-- What a person keeps for themselves: filters of lists by name, and whether single keys are shortcuts.
CREATE TABLE saved_filters (
  id         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id    uuid NOT NULL REFERENCES principals (id),
  list       text NOT NULL CHECK (list IN ('audit', 'resources', 'assignments')),
  name       text NOT NULL CHECK (name <> ''),
  query      text NOT NULL,
  created_at timestamptz(6) NOT NULL DEFAULT postern_now()
);
CREATE UNIQUE INDEX saved_filters_name_key ON saved_filters (user_id, list, lower(name));
CREATE TABLE keyboard_preferences (
  user_id   uuid PRIMARY KEY REFERENCES principals (id),
  shortcuts boolean NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_filters TO postern_app;
GRANT SELECT, INSERT, UPDATE ON keyboard_preferences TO postern_app;
