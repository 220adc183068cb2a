-- An identity provider confirms what takes a second factor (docs/decisions/provider-step-up.md). Which of its ways to sign in
-- cannot be phished is configured, and is kept with the proof. Not used before this is committed.
ALTER TYPE step_up_method ADD VALUE 'IdentityProvider';
ALTER TYPE step_up_method ADD VALUE 'PhishingResistantProvider';
