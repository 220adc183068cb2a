-- The resources that a person starred. A favourite gives no access, and only its owner sees it, for as long as they may
-- know of the resource.
CREATE TABLE favourite_resources (
  user_id     uuid NOT NULL REFERENCES principals (id),
  resource_id uuid NOT NULL REFERENCES resources (id),
  created_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (user_id, resource_id)
);
GRANT SELECT, INSERT, DELETE ON favourite_resources TO postern_app;
