-- The roles at scopes that a person starred, in their own order. It gives no access; only its owner sees it.
CREATE TABLE favourites (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id            uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  position           integer NOT NULL,
  created_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  UNIQUE (user_id, role_definition_id, resource_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON favourites TO postern_app;
