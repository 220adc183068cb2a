-- How an assignment or eligibility came to be: through the portal, found by an import, or by another program.
CREATE TYPE access_origin AS ENUM ('Portal', 'Import', 'Api');
ALTER TABLE assignments ADD COLUMN origin access_origin NOT NULL DEFAULT 'Portal';
ALTER TABLE eligibilities ADD COLUMN origin access_origin NOT NULL DEFAULT 'Portal';
CREATE INDEX assignments_origin_idx ON assignments (origin, created_at) WHERE origin <> 'Portal';
CREATE INDEX eligibilities_origin_idx ON eligibilities (origin, created_at) WHERE origin <> 'Portal';

CREATE TYPE alert_kind AS ENUM (
  'TooManyOwners', 'TooManyPermanentOwners', 'EligibleNeverActivates', 'ActivationWithoutMfa', 'DuplicateCustomRoles',
  'AssignedOutside', 'RepeatedFailedStepUps', 'UnusualActivation');

-- Thresholds of one kind of alert at one resource; they hold below it too, until a nearer resource has its own.
CREATE TABLE alert_settings (
  resource_id   uuid NOT NULL REFERENCES resources (id),
  kind          alert_kind NOT NULL,
  enabled       boolean NOT NULL,
  threshold     integer NOT NULL CHECK (threshold BETWEEN 1 AND 1000),
  version       integer NOT NULL DEFAULT 1,
  updated_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  updated_by_id uuid REFERENCES principals (id),
  PRIMARY KEY (resource_id, kind)
);

-- What a scan found. `subject` says what it is about within its kind and resource, so that the same finding is one
-- alert; it is resolved when a scan no longer finds it. Nothing is deleted: resolved and dismissed ones are history.
CREATE TABLE alerts (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  kind               alert_kind NOT NULL,
  resource_id        uuid NOT NULL REFERENCES resources (id),
  subject            text NOT NULL CHECK (subject <> ''),
  role_definition_id uuid REFERENCES role_definitions (id),
  principal_id       uuid REFERENCES principals (id),
  eligibility_id     uuid REFERENCES eligibilities (id),
  assignment_id      uuid REFERENCES assignments (id),
  details            jsonb NOT NULL DEFAULT '{}',
  raised_at          timestamptz(6) NOT NULL DEFAULT postern_now(),
  seen_at            timestamptz(6) NOT NULL DEFAULT postern_now(),
  resolved_at        timestamptz(6),
  dismissed_at       timestamptz(6),
  dismissed_by_id    uuid REFERENCES principals (id),
  dismissal_reason   text,
  CHECK ((dismissed_at IS NULL) = (dismissed_by_id IS NULL)),
  CHECK ((dismissed_at IS NULL) = (dismissal_reason IS NULL))
);
CREATE UNIQUE INDEX alerts_open_key ON alerts (kind, resource_id, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_resource_idx ON alerts (resource_id, raised_at DESC, id DESC);
CREATE INDEX alerts_open_idx ON alerts (resource_id) WHERE resolved_at IS NULL AND dismissed_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON alert_settings, alerts TO postern_app;
