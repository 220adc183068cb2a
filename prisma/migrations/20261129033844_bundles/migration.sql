-- A set of roles at places that a person activates together by its name (docs/decisions/bundles.md). It gives no access, and
-- only its owner sees it. It names roles and places, not eligibilities, whose ids change when they are renewed.
CREATE TABLE bundles (
  id         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id    uuid NOT NULL REFERENCES principals (id),
  name       text NOT NULL CHECK (name <> '' AND char_length(name) <= 60),
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  updated_at timestamptz(6) NOT NULL DEFAULT postern_now()
);
CREATE UNIQUE INDEX bundles_name_key ON bundles (user_id, name_key(name));

-- Role and place have the names that their owner saw when they were added: once the owner is no longer eligible, they may
-- not learn newer ones.
CREATE TABLE bundle_roles (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  bundle_id          uuid NOT NULL REFERENCES bundles (id) ON DELETE CASCADE,
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  position           integer NOT NULL,
  role_name          text NOT NULL CHECK (char_length(role_name) <= 512),
  resource_name      text NOT NULL CHECK (char_length(resource_name) <= 1000),
  UNIQUE (bundle_id, role_definition_id, resource_id)
);

-- Whose a bundle is, and what a row of it means, never changes.
GRANT SELECT, DELETE, INSERT (user_id, name, version), UPDATE (name, version, updated_at) ON bundles TO postern_app;
GRANT SELECT, DELETE, INSERT (bundle_id, role_definition_id, resource_id, position, role_name, resource_name)
  ON bundle_roles TO postern_app;
