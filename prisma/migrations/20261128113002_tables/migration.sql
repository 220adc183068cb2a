-- The baseline, 2 of 8: the tables, by room. What a row may be is said here; what spans several rows or tables stands in
-- the next files. A column that has no comment is what its name says. Times are those of the database's clock.

-- Resources ----------------------------------------------------------------------------------------------------------

-- The scope tree. A trigger keeps `path`: the hexadecimal ids from the root, joined by dots, so that everything below a
-- resource is one range of an index. `external_id` is what other systems call the resource.
CREATE TABLE resources (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  parent_id     uuid REFERENCES resources (id),
  scope         text NOT NULL CHECK (scope = '/' OR scope ~ '^(/[^/]+)+$'),
  path          text COLLATE "C" NOT NULL DEFAULT '',
  display_name  text NOT NULL CHECK (display_name <> ''),
  resource_type text NOT NULL CHECK (resource_type <> ''),
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  external_id   text CHECK (external_id <> ''),
  CHECK ((parent_id IS NULL) = (scope = '/'))
);

-- People and groups --------------------------------------------------------------------------------------------------

-- `manager_id` reviews the user's access where an access review asks managers. `former_identities` is how the principal
-- was named and addressed in the last 30 days: an array of {kind, value, until}, oldest first, kept by a trigger; null
-- when nothing changed (docs/decisions/who-is-meant.md).
CREATE TABLE principals (
  id                uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  type              principal_type NOT NULL,
  display_name      text NOT NULL CHECK (display_name <> ''),
  email             text,
  created_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  disabled_at       timestamptz(6),
  manager_id        uuid REFERENCES principals (id),
  external_id       text CHECK (external_id <> ''),
  version           integer NOT NULL DEFAULT 0,
  former_identities jsonb,
  CHECK (type <> 'User' OR email IS NOT NULL),
  CONSTRAINT principals_manager_other CHECK (manager_id <> id)
);

-- Which principal a name leads to: an email address, an external id or an id (docs/rules.md, rule 12). Only a trigger
-- writes it. `principal_id` is null where several principals had a name already: it leads to nobody, and nobody else
-- gets it.
CREATE TABLE principal_names (
  key          text PRIMARY KEY,
  principal_id uuid
);

CREATE TABLE group_members (
  group_id  uuid NOT NULL REFERENCES principals (id),
  member_id uuid NOT NULL REFERENCES principals (id),
  added_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (group_id, member_id),
  CHECK (group_id <> member_id)
);

-- Sign-in and factors ------------------------------------------------------------------------------------------------

-- An argon2id hash in PHC format. One that `must_change` was set by an administrator: until it expires it is good for
-- choosing a password of one's own, and for nothing else.
CREATE TABLE password_credentials (
  user_id     uuid PRIMARY KEY REFERENCES principals (id),
  hash        text NOT NULL,
  changed_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  must_change boolean NOT NULL DEFAULT false,
  expires_at  timestamptz(6)
);

-- The right to set a password once: an invitation link, or what a one-time password is traded for. Only a hash of the
-- token is stored.
CREATE TABLE password_tickets (
  id          uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id     uuid NOT NULL REFERENCES principals (id),
  purpose     password_ticket_purpose NOT NULL,
  token_hash  bytea NOT NULL UNIQUE,
  created_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at  timestamptz(6) NOT NULL,
  used_at     timestamptz(6),
  replaced_at timestamptz(6)
);

-- A signed-in browser. Only a hash of the secret in its cookie is stored. The secret changes with each step-up; each
-- secret before is good for one more minute, until the moment at the same place in `former_until`.
CREATE TABLE sessions (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id       uuid NOT NULL REFERENCES principals (id),
  secret_hash   bytea NOT NULL,
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_seen_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at    timestamptz(6) NOT NULL,
  ended_at      timestamptz(6),
  ip_address    text NOT NULL,
  user_agent    text NOT NULL,
  former_hashes bytea[] NOT NULL DEFAULT '{}',
  former_until  timestamptz(6)[] NOT NULL DEFAULT '{}'
);

-- Wrong passwords, codes and tokens, counted under the keys that lib/domain/people/throttle.ts makes: by account and address
-- together, by known device, by session. Some counts run out little by little, so they are not whole numbers. `refused`
-- counts attempts that were refused without being looked at since the log last told of them, at `told_at`. A count is
-- forgotten after `forget_at`.
CREATE TABLE sign_in_throttles (
  key           text PRIMARY KEY,
  failures      double precision NOT NULL DEFAULT 0,
  blocked_until timestamptz(6),
  updated_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  refused       integer NOT NULL DEFAULT 0,
  told_at       timestamptz(6),
  forget_at     timestamptz(6) NOT NULL DEFAULT postern_now() + interval '2 hours'
);

-- An authenticator app; its key is stored encrypted. It counts once `confirmed_at` is set. One that waits to be confirmed
-- belongs to the session that asked for it, and `proof_id` names the proof of the former factor by which it was asked
-- for. `last_used_step` is the newest RFC 6238 time step that was spent.
CREATE TABLE totp_factors (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id         uuid NOT NULL REFERENCES principals (id),
  key_id          text NOT NULL,
  nonce           bytea NOT NULL,
  ciphertext      bytea NOT NULL,
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  confirmed_at    timestamptz(6),
  removed_at      timestamptz(6),
  last_used_step  bigint,
  last_used_at    timestamptz(6),
  failed_attempts integer NOT NULL DEFAULT 0,
  lock_count      integer NOT NULL DEFAULT 0,
  locked_until    timestamptz(6),
  session_id      uuid REFERENCES sessions (id),
  proof_id        uuid, -- A proof; the foreign key is in the next file, since proofs name factors as well.
  CONSTRAINT totp_factors_pending_session CHECK (confirmed_at IS NOT NULL OR session_id IS NOT NULL)
);

CREATE TABLE recovery_codes (
  id          uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id     uuid NOT NULL REFERENCES principals (id),
  hash        text NOT NULL,
  created_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  used_at     timestamptz(6),
  replaced_at timestamptz(6)
);

-- What a person is asked to confirm with a second factor: exactly one operation, known by its digest. Challenges are kept
-- for a day at most.
CREATE TABLE step_up_challenges (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id          uuid NOT NULL REFERENCES principals (id),
  session_id       uuid NOT NULL REFERENCES sessions (id),
  operation        jsonb NOT NULL,
  operation_digest bytea NOT NULL,
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at       timestamptz(6) NOT NULL,
  CONSTRAINT step_up_challenges_operation_size CHECK (length(operation::text) <= 500)
);

-- A challenge that was met, spent by the one operation whose digest it carries. Proofs stay with the log; the challenges
-- they name do not, so there is no foreign key.
CREATE TABLE step_up_proofs (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  challenge_id     uuid NOT NULL UNIQUE,
  user_id          uuid NOT NULL REFERENCES principals (id),
  session_id       uuid NOT NULL REFERENCES sessions (id),
  operation_digest bytea NOT NULL,
  method           step_up_method NOT NULL,
  factor_id        uuid REFERENCES totp_factors (id),
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at       timestamptz(6) NOT NULL,
  spent_at         timestamptz(6)
);

-- The encryption keys that this database has seen, by name. A process that has other bytes under a known name, or lacks a
-- key that something is stored under, is recognised. A fingerprint tells nothing of its key.
CREATE TABLE encryption_keys (
  id            text PRIMARY KEY,
  fingerprint   bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  first_seen_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);

-- Roles and their settings -------------------------------------------------------------------------------------------

-- A custom role is marked when it is deleted: the history names it. `writes_authorization` is the same rule as
-- `writesAuthorization` in lib/domain/gate/permissions.ts; a test compares the two. `name_skeleton` is kept by a trigger.
CREATE TABLE role_definitions (
  id                   uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  role_name            text NOT NULL CHECK (role_name <> ''),
  description          text NOT NULL,
  role_type            role_type NOT NULL,
  permissions          jsonb NOT NULL,
  assignable_scopes    text[] NOT NULL,
  created_at           timestamptz(6) NOT NULL DEFAULT postern_now(),
  version              integer NOT NULL DEFAULT 0,
  updated_at           timestamptz(6),
  deleted_at           timestamptz(6),
  writes_authorization boolean NOT NULL GENERATED ALWAYS AS (
    permissions_allow(permissions, 'Microsoft.Authorization/roleAssignments/write')
    OR permissions_allow(permissions, 'Microsoft.Authorization/roleAssignmentScheduleRequests/write')
    OR permissions_allow(permissions, 'Microsoft.Authorization/roleEligibilityScheduleRequests/write')
    OR permissions_allow(permissions, 'Microsoft.Authorization/roleManagementPolicies/write')
    OR permissions_allow(permissions, 'Microsoft.Authorization/roleDefinitions/write')
    OR permissions_allow(permissions, 'Microsoft.Authorization/principals/write')) STORED,
  name_skeleton        text NOT NULL DEFAULT '',
  CHECK (deleted_at IS NULL OR role_type = 'CustomRole')
);

-- Which letters look alike: each letter with the letters that stand for all that look like it (docs/decisions/names.md).
CREATE TABLE look_alikes (
  letter  text PRIMARY KEY,
  same_as text NOT NULL
);

-- The settings of one role at one resource. A row is made by the first edit, or by the first operation that must lock it;
-- without a row the defaults apply. `version` 0: nobody has edited it. The stages of an approval and the rules of
-- notifications are small documents, read and written with the row and never searched; the application checks their
-- shape whenever it reads or writes them. `provisioning_requires_mfa`: the member types a new code after approval.
CREATE TABLE role_management_policies (
  id                                uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  resource_id                       uuid NOT NULL REFERENCES resources (id),
  role_definition_id                uuid NOT NULL REFERENCES role_definitions (id),
  version                           integer NOT NULL DEFAULT 0,
  activation_maximum_minutes        integer NOT NULL DEFAULT 480
    CHECK (activation_maximum_minutes BETWEEN 30 AND 1440 AND activation_maximum_minutes % 30 = 0),
  activation_requires_mfa           boolean NOT NULL DEFAULT true,
  activation_requires_justification boolean NOT NULL DEFAULT true,
  activation_requires_ticket        boolean NOT NULL DEFAULT false,
  eligible_maximum_days             integer DEFAULT 365 CHECK (eligible_maximum_days IN (15, 30, 90, 180, 365)),
  active_maximum_days               integer DEFAULT 180 CHECK (active_maximum_days IN (15, 30, 90, 180)),
  assignment_requires_mfa           boolean NOT NULL DEFAULT false,
  assignment_requires_justification boolean NOT NULL DEFAULT true,
  updated_at                        timestamptz(6),
  updated_by_id                     uuid REFERENCES principals (id),
  approval_required                 boolean NOT NULL DEFAULT false,
  approval_stages                   jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(approval_stages) = 'array' AND jsonb_array_length(approval_stages) <= 3),
  approval_requires_step_up         boolean NOT NULL DEFAULT false,
  notifications                     jsonb NOT NULL DEFAULT default_notifications()
    CHECK (jsonb_typeof(notifications) = 'object'),
  provisioning_requires_mfa         boolean NOT NULL DEFAULT false,
  UNIQUE (resource_id, role_definition_id),
  CHECK (NOT approval_required OR jsonb_array_length(approval_stages) > 0)
);

-- Access -------------------------------------------------------------------------------------------------------------

-- Who may activate which role where, and when. Access that is removed ends at that moment (`ends_at`); `removed_at` says
-- that it was removed rather than that its time ran out. `expiry_recorded_for` is the end that the log has told of: an end
-- that is moved is told of again.
CREATE TABLE eligibilities (
  id                  uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  principal_id        uuid NOT NULL REFERENCES principals (id),
  role_definition_id  uuid NOT NULL REFERENCES role_definitions (id),
  resource_id         uuid NOT NULL REFERENCES resources (id),
  starts_at           timestamptz(6) NOT NULL,
  ends_at             timestamptz(6),
  created_at          timestamptz(6) NOT NULL DEFAULT postern_now(),
  removed_at          timestamptz(6),
  expiry_recorded_for timestamptz(6),
  origin              access_origin NOT NULL DEFAULT 'Portal',
  CHECK (ends_at IS NULL OR ends_at >= starts_at)
);

-- Who holds which role where, and when. An activation rests on an eligibility and always ends.
CREATE TABLE assignments (
  id                  uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  principal_id        uuid NOT NULL REFERENCES principals (id),
  role_definition_id  uuid NOT NULL REFERENCES role_definitions (id),
  resource_id         uuid NOT NULL REFERENCES resources (id),
  assignment_type     assignment_type NOT NULL,
  eligibility_id      uuid REFERENCES eligibilities (id),
  starts_at           timestamptz(6) NOT NULL,
  ends_at             timestamptz(6),
  created_at          timestamptz(6) NOT NULL DEFAULT postern_now(),
  removed_at          timestamptz(6),
  expiry_recorded_for timestamptz(6),
  origin              access_origin NOT NULL DEFAULT 'Portal',
  CHECK (ends_at IS NULL OR ends_at >= starts_at),
  CHECK ((assignment_type = 'Activated') = (eligibility_id IS NOT NULL)),
  CHECK (assignment_type <> 'Activated' OR ends_at IS NOT NULL)
);

-- Requests -----------------------------------------------------------------------------------------------------------

-- What somebody asked for and what became of it; never deleted. `eligibility_id` and `assignment_id` name the access that
-- the request is about, `resulting_…` what came of it, which may be another row (a renewal, or another type). `policy` is
-- the settings that judged it.
CREATE TABLE requests (
  id                       uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  request_type             request_type NOT NULL,
  status                   request_status NOT NULL,
  requestor_id             uuid NOT NULL REFERENCES principals (id),
  principal_id             uuid NOT NULL REFERENCES principals (id),
  role_definition_id       uuid NOT NULL REFERENCES role_definitions (id),
  resource_id              uuid NOT NULL REFERENCES resources (id),
  eligibility_id           uuid REFERENCES eligibilities (id),
  assignment_id            uuid REFERENCES assignments (id),
  starts_at                timestamptz(6),
  ends_at                  timestamptz(6),
  justification            text,
  ticket_number            text,
  ticket_system            text,
  policy                   jsonb,
  proof_id                 uuid REFERENCES step_up_proofs (id),
  created_at               timestamptz(6) NOT NULL DEFAULT postern_now(),
  completed_at             timestamptz(6),
  resulting_eligibility_id uuid REFERENCES eligibilities (id),
  resulting_assignment_id  uuid REFERENCES assignments (id),
  decided_by_id            uuid REFERENCES principals (id),
  decision_justification   text,
  duration_minutes         integer CHECK (duration_minutes > 0),
  failure_reasons          text[] NOT NULL DEFAULT '{}'
);

-- The approval of a request: all its stages, and the stage it is at, laid out so that "what waits for me" is one lookup
-- in an index. The row is kept when the approval is over; `closed_at` says so.
CREATE TABLE request_approvals (
  request_id         uuid PRIMARY KEY REFERENCES requests (id),
  stages             jsonb NOT NULL CHECK (jsonb_typeof(stages) = 'array' AND jsonb_array_length(stages) > 0),
  requires_step_up   boolean NOT NULL,
  -- Counted from 0. A stage that begins anew, because the role settings changed, is another round.
  stage              integer NOT NULL DEFAULT 0 CHECK (stage >= 0),
  round              integer NOT NULL DEFAULT 0,
  opened_at          timestamptz(6) NOT NULL,
  -- From when the escalation approvers may decide as well; null where there are none.
  escalates_at       timestamptz(6),
  -- From when nobody may decide any more.
  expires_at         timestamptz(6) NOT NULL,
  approver_ids       uuid[] NOT NULL,
  escalation_ids     uuid[] NOT NULL,
  approvals_needed   integer NOT NULL CHECK (approvals_needed > 0),
  -- The users whose approval counts in this stage.
  given_by           uuid[] NOT NULL DEFAULT '{}',
  escalation_told_at timestamptz(6),
  closed_at          timestamptz(6),
  -- When approvers are reminded of the deadline (lib/domain/notifications/deadline-reminder.ts). Null: no reminder.
  reminds_at         timestamptz(6),
  reminded_at        timestamptz(6),
  -- For each stage of this round, by its position: the ids of decisions of earlier rounds that still count in it, because
  -- an edit of the role settings only moved the stage.
  kept               jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(kept) = 'object'),
  CHECK (opened_at < expires_at)
);

CREATE TABLE request_decisions (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  request_id       uuid NOT NULL REFERENCES requests (id),
  stage            integer NOT NULL,
  round            integer NOT NULL,
  decision         decision NOT NULL,
  decider_id       uuid NOT NULL REFERENCES principals (id),
  -- Decided as an active administrator, because too few of the approvers could decide.
  as_administrator boolean NOT NULL,
  justification    text NOT NULL CHECK (btrim(justification) <> ''),
  proof_id         uuid REFERENCES step_up_proofs (id),
  decided_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  UNIQUE (request_id, round, stage, decider_id)
);

-- Access reviews -----------------------------------------------------------------------------------------------------

-- One occurrence of a review. `series_id` is the id of the first occurrence. The next occurrence is made when this one
-- ends; the unique pair keeps two workers from making it twice. A series ends after `series_times` occurrences, at
-- `series_until`, or when an administrator ends it. An occurrence whose administrator could not start it any more is held
-- (`start_held_at`) until another administrator takes it over. `late_decisions_accepted_at`: when an administrator applied
-- decisions of people who became reviewers only after the review began.
CREATE TABLE access_reviews (
  id                         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  series_id                  uuid NOT NULL,
  occurrence                 integer NOT NULL DEFAULT 0 CHECK (occurrence >= 0),
  series_starts_at           timestamptz(6) NOT NULL,
  name                       text NOT NULL CHECK (name <> ''),
  resource_id                uuid NOT NULL REFERENCES resources (id),
  include_below              boolean NOT NULL,
  covers                     access_review_covers NOT NULL,
  reviewers                  access_review_reviewers NOT NULL,
  duration_days              integer NOT NULL CHECK (duration_days BETWEEN 1 AND 180),
  recurrence                 access_review_recurrence NOT NULL,
  without_answer             access_review_without_answer NOT NULL,
  apply_automatically        boolean NOT NULL,
  justification_required     boolean NOT NULL,
  state                      access_review_state NOT NULL,
  starts_at                  timestamptz(6) NOT NULL,
  ends_at                    timestamptz(6) NOT NULL,
  created_at                 timestamptz(6) NOT NULL DEFAULT postern_now(),
  created_by_id              uuid NOT NULL REFERENCES principals (id),
  begun_at                   timestamptz(6),
  ended_at                   timestamptz(6),
  stopped_at                 timestamptz(6),
  stopped_by_id              uuid REFERENCES principals (id),
  stop_reason                text,
  applied_by_id              uuid REFERENCES principals (id),
  apply_held_at              timestamptz(6),
  applied_at                 timestamptz(6),
  reminded_at                timestamptz(6),
  series_times               integer CHECK (series_times > 0),
  series_until               timestamptz(6),
  series_ended_at            timestamptz(6),
  series_ended_by_id         uuid REFERENCES principals (id),
  start_held_at              timestamptz(6),
  taken_over_by_id           uuid REFERENCES principals (id),
  taken_over_at              timestamptz(6),
  late_decisions_accepted_at timestamptz(6),
  UNIQUE (series_id, occurrence),
  CHECK (ends_at > starts_at),
  CONSTRAINT access_reviews_series_end CHECK (series_times IS NULL OR series_until IS NULL),
  CONSTRAINT access_reviews_series_ended CHECK ((series_ended_at IS NULL) = (series_ended_by_id IS NULL)),
  CONSTRAINT access_reviews_taken_over CHECK ((taken_over_by_id IS NULL) = (taken_over_at IS NULL))
);

-- The roles under review. No row: all roles.
CREATE TABLE access_review_roles (
  review_id          uuid NOT NULL REFERENCES access_reviews (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  PRIMARY KEY (review_id, role_definition_id)
);

-- The selected reviewers, or those who decide where a member or a manager cannot.
CREATE TABLE access_review_named_reviewers (
  review_id    uuid NOT NULL REFERENCES access_reviews (id),
  principal_id uuid NOT NULL REFERENCES principals (id),
  PRIMARY KEY (review_id, principal_id)
);

-- What is under review, as it was when the review began, in the order of names (`position`). `manager_id` is the manager
-- at that time. `decided_late`: whoever decided became a reviewer only after the review began.
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
  manager_id            uuid REFERENCES principals (id),
  decided_late          boolean NOT NULL DEFAULT false,
  CHECK ((eligibility_id IS NULL) <> (assignment_id IS NULL)),
  CHECK ((decision IS NULL) = (decided_by_id IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
  CHECK ((outcome IS NULL) = (outcome_at IS NULL)),
  UNIQUE (review_id, position)
);

-- The log ------------------------------------------------------------------------------------------------------------

-- Rows are only ever added. Names are those of the time. `transaction_id` is the transaction that wrote the event; the
-- email addresses, the target's type and its external id are filled by a trigger. Both are null for events from before
-- they were kept.
CREATE TABLE audit_events (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  sequence           bigserial NOT NULL,
  occurred_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  kind               text NOT NULL CHECK (kind <> ''),
  outcome            audit_outcome NOT NULL,
  actor_id           uuid,
  actor_name         text,
  target_id          uuid,
  target_name        text,
  role_definition_id uuid,
  role_name          text,
  resource_id        uuid,
  resource_name      text,
  scope              text,
  resource_path      text COLLATE "C",
  request_id         uuid REFERENCES requests (id),
  eligibility_id     uuid,
  assignment_id      uuid,
  proof_id           uuid REFERENCES step_up_proofs (id),
  factor             step_up_method,
  justification      text,
  ticket_number      text,
  ticket_system      text,
  session_id         uuid,
  ip_address         text,
  user_agent         text,
  correlation_id     uuid,
  failed_rules       text[] NOT NULL DEFAULT '{}',
  details            jsonb NOT NULL DEFAULT '{}',
  transaction_id     xid8 DEFAULT pg_current_xact_id(),
  actor_email        text,
  target_type        principal_type,
  target_email       text,
  target_external_id text
);

-- Alerts -------------------------------------------------------------------------------------------------------------

-- The thresholds of one kind of alert at one resource. They hold below it too, until a nearer resource has its own.
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

-- What a scan found. `subject` says what it is about within its kind and resource, so that the same finding is one alert.
-- It is resolved when a scan no longer finds it. Nothing is deleted: resolved and dismissed alerts are history.
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

-- How far a scan has judged, by the log's sequence, for a kind of alert that judges each event once.
CREATE TABLE alert_scans (
  kind           alert_kind PRIMARY KEY,
  judged_through bigint NOT NULL DEFAULT 0
);
INSERT INTO alert_scans (kind) VALUES ('UnusualActivation');

-- Notifications ------------------------------------------------------------------------------------------------------

-- Events of the log that the worker has yet to tell people of. The worker turns a row into notifications and mail and
-- deletes it in the same transaction.
CREATE TABLE notification_outbox (
  event_id        uuid PRIMARY KEY REFERENCES audit_events (id),
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_error      text,
  dead_at         timestamptz(6)
);

-- What a person is told in the portal, once for each `subject_key`.
CREATE TABLE notifications (
  id           uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  recipient_id uuid NOT NULL REFERENCES principals (id),
  subject_key  text NOT NULL CHECK (subject_key <> ''),
  category     text NOT NULL CHECK (category <> ''),
  title        text NOT NULL CHECK (title <> ''),
  body         text NOT NULL,
  href         text NOT NULL CHECK (href ~ '^/([^/]|$)'),
  created_at   timestamptz(6) NOT NULL DEFAULT postern_now(),
  read_at      timestamptz(6),
  UNIQUE (recipient_id, subject_key)
);

-- What is sent to an address, once for each `subject_key`. It waits while it is neither sent nor dead.
CREATE TABLE mail_messages (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  recipient_id    uuid REFERENCES principals (id),
  address         text NOT NULL CHECK (address <> ''),
  subject_key     text NOT NULL CHECK (subject_key <> ''),
  category        text NOT NULL CHECK (category <> ''),
  content         jsonb NOT NULL,
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_error      text,
  sent_at         timestamptz(6),
  dead_at         timestamptz(6)
);

-- The categories of mail that a person does not want.
CREATE TABLE notification_preferences (
  user_id          uuid PRIMARY KEY REFERENCES principals (id),
  muted_categories text[] NOT NULL DEFAULT '{}',
  updated_at       timestamptz(6) NOT NULL DEFAULT postern_now()
);

-- Which reminders went out for which end of access. An end that is moved is reminded of again.
CREATE TABLE expiry_reminders (
  access_id   uuid NOT NULL,
  ends_at     timestamptz(6) NOT NULL,
  days_before integer NOT NULL CHECK (days_before IN (1, 14)),
  reminded_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (access_id, ends_at, days_before)
);

CREATE TABLE weekly_digests (
  week_start date PRIMARY KEY,
  made_at    timestamptz(6) NOT NULL DEFAULT postern_now()
);

-- Imports ------------------------------------------------------------------------------------------------------------

-- A file taken apart into rows, which are looked at before anything is changed and then applied batch by batch by the
-- worker. The digest is what the administrator's proof is bound to: these rows and no others. `cap_to_maximum`: access
-- that the role settings do not allow permanently gets the longest time that they allow, instead of being refused. While
-- there is a confirmation, the import goes on; taking it back stops it, with the reason.
CREATE TABLE imports (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  kind            import_kind NOT NULL,
  status          import_status NOT NULL DEFAULT 'Staged',
  file_name       text NOT NULL,
  digest          text NOT NULL,
  cap_to_maximum  boolean NOT NULL DEFAULT false,
  justification   text,
  created_by_id   uuid NOT NULL REFERENCES principals (id),
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  finished_at     timestamptz(6),
  confirmed_at    timestamptz(6),
  confirmed_by_id uuid REFERENCES principals (id),
  proof_id        uuid REFERENCES step_up_proofs (id),
  stop_reason     text,
  failures        integer NOT NULL DEFAULT 0,
  CHECK ((confirmed_at IS NULL) = (confirmed_by_id IS NULL)),
  CHECK (proof_id IS NULL OR confirmed_at IS NOT NULL)
);

-- `position` is the order in which rows are applied: what contains others first. `shown` is what the row was shown to do,
-- to whom and where. The digest covers it, and a row that would now come to anything else is left out.
CREATE TABLE import_rows (
  import_id  uuid NOT NULL REFERENCES imports (id),
  number     integer NOT NULL,
  line       integer NOT NULL,
  position   integer NOT NULL,
  data       jsonb,
  title      text NOT NULL,
  outcome    import_row_outcome NOT NULL,
  state      import_row_state NOT NULL,
  reason     text,
  difference jsonb,
  shown      jsonb,
  PRIMARY KEY (import_id, number)
);

-- The rights that the rows of an import take. Besides whoever read the file, only somebody who has all of them knows of
-- the import. At most a thousand rows each; where there are more, rights at the root that include them all. `role`, for a
-- role definition: what it would allow, and what it allows already.
CREATE TABLE import_rights (
  import_id   uuid NOT NULL REFERENCES imports (id),
  position    integer NOT NULL,
  resource_id uuid NOT NULL REFERENCES resources (id),
  action      text NOT NULL,
  role        jsonb,
  PRIMARY KEY (import_id, position)
);

-- Figures ------------------------------------------------------------------------------------------------------------
-- Access counted ahead, so that the figures of a large place need not read every row of it
-- (docs/decisions/counted-ahead.md). All of it can be made anew from eligibilities and assignments; nothing is decided by
-- it.

-- The resources whose access is counted: what is held at the resource itself, or at it and everything `below` it.
CREATE TABLE access_places (
  resource_id uuid NOT NULL REFERENCES resources (id),
  below       boolean NOT NULL,
  PRIMARY KEY (resource_id, below)
);

-- How many rows of a place began, ended and were made in each hour (UTC). Access removed before it began is left out.
-- Hours long past are added up under '-infinity'.
CREATE TABLE access_totals (
  resource_id        uuid NOT NULL,
  below              boolean NOT NULL,
  hour               timestamptz(6) NOT NULL,
  role_definition_id uuid NOT NULL,
  state              text NOT NULL CHECK (state IN ('Eligible', 'Assigned', 'Activated')),
  started            integer NOT NULL,
  ended              integer NOT NULL,
  created            integer NOT NULL,
  PRIMARY KEY (resource_id, below, hour, role_definition_id, state),
  FOREIGN KEY (resource_id, below) REFERENCES access_places (resource_id, below) ON DELETE CASCADE
);

-- What the totals do not contain yet: `number` more rows with these hours (fewer, when negative). Whoever changes access
-- only adds rows, so that nobody waits for anybody; the worker folds them into the totals.
CREATE TABLE access_changes (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id        uuid NOT NULL,
  role_definition_id uuid NOT NULL,
  state              text NOT NULL,
  starts_hour        timestamptz(6) NOT NULL,
  ends_hour          timestamptz(6),
  created_hour       timestamptz(6) NOT NULL,
  number             integer NOT NULL
);

-- Preferences --------------------------------------------------------------------------------------------------------

-- The roles at scopes that a person starred, in their own order. A favourite gives no access, and only its owner sees it.
CREATE TABLE favourites (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id            uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  position           integer NOT NULL,
  created_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  UNIQUE (user_id, role_definition_id, resource_id)
);

CREATE TABLE saved_filters (
  id         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id    uuid NOT NULL REFERENCES principals (id),
  list       text NOT NULL CHECK (list IN ('audit', 'resources', 'assignments', 'access', 'people')),
  name       text NOT NULL CHECK (name <> ''),
  query      text NOT NULL,
  created_at timestamptz(6) NOT NULL DEFAULT postern_now()
);

-- Whether single keys are shortcuts for this person.
CREATE TABLE keyboard_preferences (
  user_id   uuid PRIMARY KEY REFERENCES principals (id),
  shortcuts boolean NOT NULL
);

-- Operation ----------------------------------------------------------------------------------------------------------

-- One row for each worker process; it says every few seconds that it is there.
CREATE TABLE worker_instances (
  id         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  host       text NOT NULL,
  started_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  seen_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  stopped_at timestamptz(6)
);

-- One row for each periodic job, whichever worker ran it last.
CREATE TABLE worker_jobs (
  name              text PRIMARY KEY,
  title             text NOT NULL,
  every_minutes     integer NOT NULL CHECK (every_minutes > 0),
  last_started_at   timestamptz(6),
  last_succeeded_at timestamptz(6),
  last_count        integer,
  last_failed_at    timestamptz(6),
  last_error        text,
  failures_in_row   integer NOT NULL DEFAULT 0
);

-- One row: facts about this installation. `seeding_since` is set while a seed is under way that began on an empty
-- database. Every replica's set-up address is good until one of them is used. `time_zone` is the IANA name of the zone by
-- which the usual hours of people are judged. `test_database`: only the owner sets it, and the clock can be moved there.
-- `allowed_mail_domains`: role settings may send mail to these without a step-up.
CREATE TABLE installation (
  id                   integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  demo                 boolean NOT NULL DEFAULT false,
  seeded_at            timestamptz(6),
  time_zone            text NOT NULL DEFAULT 'UTC' CHECK (time_zone ~ '^[A-Za-z0-9_+/-]+$'),
  setup_token_hashes   bytea[] NOT NULL DEFAULT '{}',
  seeding_since        timestamptz(6),
  allowed_mail_domains text[] NOT NULL DEFAULT '{}' CHECK (cardinality(allowed_mail_domains) <= 50),
  version              integer NOT NULL DEFAULT 0,
  test_database        boolean NOT NULL DEFAULT false
);
INSERT INTO installation DEFAULT VALUES;
