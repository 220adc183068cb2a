-- The types of resources that an organisation adds beside Azure's. The segment stands in paths (`/databases/orders`) and in
-- resources.resource_type, and never changes; the name and the icon are what people see.
CREATE TABLE own_resource_types (
  segment      text PRIMARY KEY CHECK (segment ~ '^[a-z][a-z0-9-]{0,39}$'),
  display_name text NOT NULL CHECK (display_name <> '' AND char_length(display_name) <= 100),
  icon         text NOT NULL CHECK (icon ~ '^[a-z0-9-]{1,40}$'),
  version      integer NOT NULL DEFAULT 1,
  created_at   timestamptz(6) NOT NULL DEFAULT postern_now(),
  CHECK (segment NOT IN ('providers', 'subscriptions', 'resourcegroups', 'managementgroups'))
);
COMMENT ON TABLE own_resource_types IS 'Types of resources beside Azure''s. At most 200.';

-- Some to begin with. Each can be renamed, and removed while no resource has it. Resources of an import may have one already.
INSERT INTO own_resource_types (segment, display_name, icon) VALUES
  ('applications', 'Application', 'app-window'),
  ('clusters', 'Cluster', 'boxes'),
  ('databases', 'Database', 'database'),
  ('environments', 'Environment', 'layers'),
  ('namespaces', 'Namespace', 'box'),
  ('servers', 'Server', 'server'),
  ('teams', 'Team', 'users-round');

GRANT SELECT, INSERT (segment, display_name, icon, version), UPDATE (display_name, icon, version), DELETE ON own_resource_types
  TO postern_app;
