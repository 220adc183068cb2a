-- The newest requests for a role, which role settings are replayed on before they are saved. What ends access is judged
-- by no setting.
CREATE INDEX requests_role_idx ON requests (role_definition_id, created_at DESC, id DESC)
  WHERE request_type NOT IN ('SelfDeactivate', 'AdminRemove');
