-- Which types there are below some paths is told by this index alone, without the rows.
CREATE INDEX resources_path_type_idx ON resources (path) INCLUDE (resource_type);
