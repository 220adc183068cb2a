-- Whether an administrator's approval still counts is asked with every list of what waits; there are few of them.
CREATE INDEX request_decisions_as_administrator_idx ON request_decisions (request_id) WHERE as_administrator;
