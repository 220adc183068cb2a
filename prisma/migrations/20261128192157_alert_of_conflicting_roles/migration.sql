-- People who hold roles together that a rule forbids.
ALTER TYPE alert_kind ADD VALUE 'ConflictingRoles';
