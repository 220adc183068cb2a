-- The list of standing access reads resources from the root down, and the assignments of each in the order of the list.
-- A path is ids of 32 characters joined by dots, so its length says how deep it lies.
CREATE INDEX resources_depth_idx ON resources (((octet_length(path) + 1) / 33), id);
CREATE INDEX assignments_standing_idx ON assignments (resource_id, role_definition_id, id)
  WHERE assignment_type = 'Assigned';
