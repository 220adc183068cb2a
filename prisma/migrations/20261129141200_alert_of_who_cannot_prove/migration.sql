-- People who are eligible for a role and have no second factor that its settings accept.
ALTER TYPE alert_kind ADD VALUE 'CannotProve';
