-- The newest of one type, which may be far rarer than the other; of one role; and the activations in effect.
CREATE INDEX assignments_type_idx ON assignments (assignment_type, id);
CREATE INDEX assignments_role_idx ON assignments (role_definition_id, id);
CREATE INDEX eligibilities_role_idx ON eligibilities (role_definition_id, id);
CREATE INDEX assignments_activated_end_idx ON assignments (ends_at) WHERE assignment_type = 'Activated';

-- What lies below some paths is told by this index alone, without the rows: ids as well as types and names.
CREATE INDEX resources_below_idx ON resources (path) INCLUDE (id, resource_type, display_name);
DROP INDEX resources_path_type_idx;

-- All that waits for approval, in the order in which it was asked for, among all that ever was.
CREATE INDEX requests_pending_idx ON requests (id) WHERE status = 'PendingApproval';
