-- A first factor may also follow a sign-in through a provider with the provider's own second factor, if the rules say so
-- (docs/decisions/sign-in-rules.md).
ALTER TABLE sign_in_rules DROP CONSTRAINT sign_in_rules_first_factor_check;
ALTER TABLE sign_in_rules ADD CONSTRAINT sign_in_rules_first_factor_check
  CHECK (first_factor IN ('OneTimePass', 'ProviderSecondFactor', 'AnyoneSignedIn'));

-- Whether the sign-in of a session took the provider's second factor just then. Never said later.
ALTER TABLE sessions ADD COLUMN provider_second_factor boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT sessions_second_factor_of_provider
    CHECK (NOT provider_second_factor OR sign_in_method = 'IdentityProvider');
CREATE FUNCTION refuse_second_factor_later() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'how a session began is not said later' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
END $$;
REVOKE ALL ON FUNCTION refuse_second_factor_later() FROM PUBLIC;
CREATE TRIGGER refuse_second_factor_later BEFORE UPDATE OF provider_second_factor ON sessions
  FOR EACH ROW WHEN (NEW.provider_second_factor AND NOT OLD.provider_second_factor)
  EXECUTE FUNCTION refuse_second_factor_later();
