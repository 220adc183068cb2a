-- A step-up can be proved by a passkey as well (docs/decisions/passkeys.md). A new value of an enum is usable only after
-- its transaction, so it has a file of its own.
ALTER TYPE step_up_method ADD VALUE 'Passkey';
