-- People who have access and have not signed in for long, and people who activate far more often than usual.
ALTER TYPE alert_kind ADD VALUE 'StaleAccount';
ALTER TYPE alert_kind ADD VALUE 'ActivatesOften';
