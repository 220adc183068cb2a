-- Who is in which group can be imported too.
ALTER TYPE import_kind ADD VALUE 'GroupMembers';
