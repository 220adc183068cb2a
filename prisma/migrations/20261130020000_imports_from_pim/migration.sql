-- What an organisation brings along from PIM: where its subscriptions lie, who is eligible, and who is active there.
ALTER TYPE import_kind ADD VALUE 'Hierarchy';
ALTER TYPE import_kind ADD VALUE 'Subscriptions';
ALTER TYPE import_kind ADD VALUE 'ActiveAssignments';
ALTER TYPE import_kind ADD VALUE 'Eligibilities';
