-- The settings that roles have in PIM.
ALTER TYPE import_kind ADD VALUE 'RoleSettings';
