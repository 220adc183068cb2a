-- When the person of a session last proved again who they are (docs/decisions/sessions.md); null since it began.
ALTER TABLE sessions ADD COLUMN reauthenticated_at timestamptz(6);
