-- The provider's own session by which somebody signed in (the claim `sid`), so that its message that this has ended ends
-- exactly the sessions here that came of it (OpenID Connect Back-Channel Logout 1.0).
ALTER TABLE sessions ADD COLUMN provider_sid text CHECK (provider_sid <> '' AND char_length(provider_sid) <= 255);
