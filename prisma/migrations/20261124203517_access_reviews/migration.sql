-- A user's manager, who reviews their access where a review says so.
ALTER TABLE principals ADD COLUMN manager_id uuid REFERENCES principals (id),
  ADD CONSTRAINT principals_manager_other CHECK (manager_id <> id);
CREATE INDEX principals_manager_id_idx ON principals (manager_id) WHERE manager_id IS NOT NULL;

CREATE TYPE access_review_state AS ENUM ('NotStarted', 'InProgress', 'Completed', 'Applying', 'Applied', 'Stopped');
CREATE TYPE access_review_covers AS ENUM ('Eligible', 'Active', 'Both');
CREATE TYPE access_review_reviewers AS ENUM ('Members', 'Selected', 'Managers');
CREATE TYPE access_review_recurrence AS ENUM ('None', 'Weekly', 'Monthly', 'Quarterly', 'Yearly');
CREATE TYPE access_review_without_answer AS ENUM ('Keep', 'Remove', 'Recommendation');
CREATE TYPE access_review_decision AS ENUM ('Approve', 'Deny', 'DontKnow');
CREATE TYPE access_review_recommendation AS ENUM ('Approve', 'Deny');
CREATE TYPE access_review_outcome AS ENUM ('Kept', 'Removed', 'Failed', 'AlreadyGone');

-- One occurrence of a review. `series_id` is the first occurrence's id; the next is made when this one ends, and the
-- unique pair keeps two workers from making it twice.
CREATE TABLE access_reviews (
  id                     uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  series_id              uuid NOT NULL,
  occurrence             integer NOT NULL DEFAULT 0 CHECK (occurrence >= 0),
  series_starts_at       timestamptz(6) NOT NULL,
  name                   text NOT NULL CHECK (name <> ''),
  resource_id            uuid NOT NULL REFERENCES resources (id),
  include_below          boolean NOT NULL,
  covers                 access_review_covers NOT NULL,
  reviewers              access_review_reviewers NOT NULL,
  duration_days          integer NOT NULL CHECK (duration_days BETWEEN 1 AND 180),
  recurrence             access_review_recurrence NOT NULL,
  without_answer         access_review_without_answer NOT NULL,
  apply_automatically    boolean NOT NULL,
  justification_required boolean NOT NULL,
  state                  access_review_state NOT NULL,
  starts_at              timestamptz(6) NOT NULL,
  ends_at                timestamptz(6) NOT NULL CHECK (ends_at > starts_at),
  created_at             timestamptz(6) NOT NULL DEFAULT postern_now(),
  created_by_id          uuid NOT NULL REFERENCES principals (id),
  begun_at               timestamptz(6),
  ended_at               timestamptz(6),
  stopped_at             timestamptz(6),
  stopped_by_id          uuid REFERENCES principals (id),
  stop_reason            text,
  applied_by_id          uuid REFERENCES principals (id),
  apply_held_at          timestamptz(6),
  applied_at             timestamptz(6),
  UNIQUE (series_id, occurrence)
);
CREATE INDEX access_reviews_resource_idx ON access_reviews (resource_id, id DESC);
CREATE INDEX access_reviews_running_idx ON access_reviews (state, ends_at)
  WHERE state IN ('NotStarted', 'InProgress', 'Completed', 'Applying');

-- The roles under review; none means all.
CREATE TABLE access_review_roles (
  review_id          uuid NOT NULL REFERENCES access_reviews (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  PRIMARY KEY (review_id, role_definition_id)
);

-- Selected reviewers, or those who decide where a member or manager cannot.
CREATE TABLE access_review_named_reviewers (
  review_id    uuid NOT NULL REFERENCES access_reviews (id),
  principal_id uuid NOT NULL REFERENCES principals (id),
  PRIMARY KEY (review_id, principal_id)
);

-- What is under review, as it was when the review began, in the order of names (`position`).
CREATE TABLE access_review_items (
  id                    uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  review_id             uuid NOT NULL REFERENCES access_reviews (id),
  position              integer NOT NULL,
  principal_id          uuid NOT NULL REFERENCES principals (id),
  role_definition_id    uuid NOT NULL REFERENCES role_definitions (id),
  resource_id           uuid NOT NULL REFERENCES resources (id),
  eligibility_id        uuid REFERENCES eligibilities (id),
  assignment_id         uuid REFERENCES assignments (id),
  access_starts_at      timestamptz(6) NOT NULL,
  access_ends_at        timestamptz(6),
  last_used_at          timestamptz(6),
  recommendation        access_review_recommendation NOT NULL,
  recommendation_reason text NOT NULL,
  decision              access_review_decision,
  decided_by_id         uuid REFERENCES principals (id),
  decided_at            timestamptz(6),
  reason                text,
  outcome               access_review_outcome,
  outcome_message       text,
  outcome_at            timestamptz(6),
  request_id            uuid REFERENCES requests (id),
  CHECK ((eligibility_id IS NULL) <> (assignment_id IS NULL)),
  CHECK ((decision IS NULL) = (decided_by_id IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
  CHECK ((outcome IS NULL) = (outcome_at IS NULL)),
  UNIQUE (review_id, position)
);
CREATE INDEX access_review_items_principal_idx ON access_review_items (principal_id);

-- The items that a person may decide on by what they are at this moment, whatever the time (the review's state and end
-- are for the asker). Nobody on their own access, directly or through any group, except where the members themselves
-- are asked (design section 2, rule 7). Nobody at all once disabled. `review` null: of every review in progress.
CREATE FUNCTION reviewable_items(reviewer uuid, review uuid) RETURNS SETOF access_review_items
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(reviewer) AS r (id)),
  own (id) AS (
    SELECT reviewer
    UNION
    SELECT m.group_id FROM own JOIN group_members m ON m.member_id = own.id
  )
  SELECT i.* FROM access_reviews v
  JOIN access_review_items i ON i.review_id = v.id
  JOIN principals p ON p.id = i.principal_id
  LEFT JOIN principals m ON m.id = p.manager_id AND m.disabled_at IS NULL
  CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT FROM access_review_named_reviewers n JOIN reached ON reached.id = n.principal_id
    WHERE n.review_id = v.id) AS named) w
  WHERE (v.id = review OR (review IS NULL AND v.state = 'InProgress'))
    AND EXISTS (SELECT FROM reached)
    AND CASE v.reviewers
      WHEN 'Members' THEN p.id = reviewer
        OR (w.named AND (p.type <> 'User' OR p.disabled_at IS NOT NULL) AND p.id NOT IN (SELECT id FROM own))
      WHEN 'Managers' THEN p.id NOT IN (SELECT id FROM own) AND (m.id = reviewer OR (w.named AND m.id IS NULL))
      ELSE w.named AND p.id NOT IN (SELECT id FROM own)
    END
$$;

-- The last time somebody was seen, ended sessions included.
CREATE INDEX sessions_last_seen_idx ON sessions (user_id, last_seen_at DESC);

GRANT SELECT, INSERT, UPDATE ON access_reviews, access_review_items TO postern_app;
GRANT SELECT, INSERT ON access_review_roles, access_review_named_reviewers TO postern_app;
