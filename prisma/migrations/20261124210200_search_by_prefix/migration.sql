-- Names by how they begin, in the order of the bytes: what the command palette reads for one or two letters, which
-- the trigram indexes cannot answer, and to put names that begin so before those that merely contain it.
CREATE INDEX resources_prefix_idx ON resources ((lower(display_name)) COLLATE "C");
CREATE INDEX principals_prefix_idx ON principals ((lower(display_name)) COLLATE "C");
