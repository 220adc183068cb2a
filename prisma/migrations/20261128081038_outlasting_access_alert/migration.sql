-- Access that outlasts the authority of whoever gave it: the scan for alerts reads the events that say so, and no others.
ALTER TYPE alert_kind ADD VALUE 'OutlastsGiver' BEFORE 'RepeatedFailedStepUps';

CREATE INDEX audit_events_outlasting_idx ON audit_events (sequence)
  WHERE outcome = 'Success' AND details @> '{"stepUp": ["OutlastsAuthority"]}'::jsonb;
