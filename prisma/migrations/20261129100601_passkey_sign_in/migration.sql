-- How a session was signed in.
CREATE TYPE sign_in_method AS ENUM ('Password', 'Passkey', 'IdentityProvider');
ALTER TABLE sessions ADD COLUMN sign_in_method sign_in_method NOT NULL DEFAULT 'Password';

-- Signing in with a passkey (docs/decisions/passkeys.md): the challenge that a browser was given, once. Only a hash of the
-- browser's cookie is stored.
CREATE TABLE passkey_sign_ins (
  browser_hash bytea PRIMARY KEY CHECK (octet_length(browser_hash) = 32),
  challenge    bytea NOT NULL CHECK (octet_length(challenge) = 32),
  network      text NOT NULL CHECK (char_length(network) <= 100),
  created_at   timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at   timestamptz(6) NOT NULL
);
CREATE INDEX passkey_sign_ins_network_idx ON passkey_sign_ins (network, created_at);
CREATE INDEX passkey_sign_ins_expires_idx ON passkey_sign_ins (expires_at);
GRANT SELECT, DELETE, INSERT (browser_hash, challenge, network, expires_at), UPDATE (browser_hash) ON passkey_sign_ins
  TO postern_app;
