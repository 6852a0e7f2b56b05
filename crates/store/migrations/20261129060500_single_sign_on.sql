-- Single sign-on: identity providers, who is who at them, sign-ins under way, and sessions that a provider opened.

CREATE TABLE sso_provider (
    id uuid CONSTRAINT sso_provider_pkey PRIMARY KEY,
    name text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    sealed bytea,
    organization_id uuid CONSTRAINT sso_provider_organization_fkey REFERENCES organization ON DELETE CASCADE,
    domains text[] NOT NULL,
    newcomer_role text,
    enforced boolean NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT sso_provider_newcomer_known CHECK (newcomer_role IN ('admin', 'operator', 'support', 'viewer', 'member')
        AND (organization_id IS NULL OR newcomer_role IN ('admin', 'member', 'viewer'))
        AND (organization_id IS NOT NULL OR newcomer_role <> 'member'))
);
CREATE UNIQUE INDEX sso_provider_name ON sso_provider (lower(name));
CREATE INDEX sso_provider_enforced ON sso_provider (organization_id) WHERE enforced AND disabled_at IS NULL;
COMMENT ON TABLE sso_provider IS 'Identity providers (OpenID Connect) that the staff or the members of one organization sign in with.';
COMMENT ON COLUMN sso_provider.id IS 'Identity, UUIDv7; in the address that the provider sends browsers back to.';
COMMENT ON COLUMN sso_provider.name IS 'Name for people, unique whatever its case.';
COMMENT ON COLUMN sso_provider.issuer IS 'Its own name and address; never changed, for subjects are its.';
COMMENT ON COLUMN sso_provider.client_id IS 'What it calls us; never changed, for its tokens are made for it.';
COMMENT ON COLUMN sso_provider.sealed IS 'The client''s secret, encrypted; null for a public client.';
COMMENT ON COLUMN sso_provider.organization_id IS 'Whose members it speaks for; null for the staff.';
COMMENT ON COLUMN sso_provider.domains IS 'The e-mail domains that it may speak for, in lower case.';
COMMENT ON COLUMN sso_provider.newcomer_role IS 'What somebody becomes who has no account yet; null lets only known people in. Never owner.';
COMMENT ON COLUMN sso_provider.enforced IS 'Whether passwords open nothing any more where it speaks.';
COMMENT ON COLUMN sso_provider.created_at IS 'When it was added.';
COMMENT ON COLUMN sso_provider.disabled_at IS 'From when on nobody signs in with it; null while it is in use.';

CREATE TABLE sso_identity (
    provider_id uuid NOT NULL CONSTRAINT sso_identity_provider_fkey REFERENCES sso_provider ON DELETE CASCADE,
    subject text NOT NULL,
    person_id uuid NOT NULL CONSTRAINT sso_identity_person_fkey REFERENCES person ON DELETE CASCADE,
    linked_because text NOT NULL CONSTRAINT sso_identity_because_known
        CHECK (linked_because IN ('newcomer', 'address', 'person')),
    linked_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT sso_identity_pkey PRIMARY KEY (provider_id, subject),
    CONSTRAINT sso_identity_one_each UNIQUE (provider_id, person_id)
);
CREATE INDEX sso_identity_by_person ON sso_identity (person_id);
COMMENT ON TABLE sso_identity IS 'Who somebody is at a provider. Addresses change and are given to others; subjects are not.';
COMMENT ON COLUMN sso_identity.provider_id IS 'The provider.';
COMMENT ON COLUMN sso_identity.subject IS 'The provider''s name for the person (sub).';
COMMENT ON COLUMN sso_identity.person_id IS 'The person.';
COMMENT ON COLUMN sso_identity.linked_because IS 'How it came about: newcomer made the account, address was verified, or person confirmed it while signed in.';
COMMENT ON COLUMN sso_identity.linked_at IS 'When.';
COMMENT ON COLUMN sso_identity.last_used_at IS 'When the person last signed in with it.';

ALTER TABLE session ADD COLUMN provider_id uuid
    CONSTRAINT session_provider_fkey REFERENCES sso_provider ON DELETE CASCADE;
ALTER TABLE session ADD COLUMN provider_session text;
CREATE INDEX session_by_provider ON session (provider_id, person_id) WHERE provider_id IS NOT NULL;
COMMENT ON COLUMN session.provider_id IS 'The provider that opened it; an organization''s opens that organization and nothing else.';
COMMENT ON COLUMN session.provider_session IS 'The provider''s own session (sid), by which it can end this one.';

CREATE TABLE sso_flow (
    state_hash bytea CONSTRAINT sso_flow_pkey PRIMARY KEY,
    provider_id uuid NOT NULL CONSTRAINT sso_flow_provider_fkey REFERENCES sso_provider ON DELETE CASCADE,
    browser_hash bytea NOT NULL,
    address text NOT NULL,
    session_id uuid CONSTRAINT sso_flow_session_fkey REFERENCES session ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX sso_flow_by_address ON sso_flow (address, created_at);
CREATE INDEX sso_flow_by_provider ON sso_flow (provider_id);
CREATE INDEX sso_flow_by_session ON sso_flow (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX sso_flow_by_end ON sso_flow (expires_at);
COMMENT ON TABLE sso_flow IS 'Sign-ins that were begun at a provider. Nonce and verifier follow from the state and the server''s key.';
COMMENT ON COLUMN sso_flow.state_hash IS 'SHA-256 of the state, which is 256 random bits.';
COMMENT ON COLUMN sso_flow.provider_id IS 'The provider.';
COMMENT ON COLUMN sso_flow.browser_hash IS 'SHA-256 of the cookie of the browser that began.';
COMMENT ON COLUMN sso_flow.address IS 'The client''s address, for limits.';
COMMENT ON COLUMN sso_flow.session_id IS 'The session whose person adds the provider to their account; null for signing in.';
COMMENT ON COLUMN sso_flow.created_at IS 'When it was begun.';
COMMENT ON COLUMN sso_flow.expires_at IS 'When it is over.';
COMMENT ON COLUMN sso_flow.used_at IS 'When the browser came back; a second time is refused.';

CREATE TABLE sso_logout (
    provider_id uuid NOT NULL CONSTRAINT sso_logout_provider_fkey REFERENCES sso_provider ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    over_at timestamptz NOT NULL,
    CONSTRAINT sso_logout_pkey PRIMARY KEY (provider_id, token_hash)
);
CREATE INDEX sso_logout_by_end ON sso_logout (over_at);
COMMENT ON TABLE sso_logout IS 'Logout tokens that were obeyed, for as long as one could come again.';
COMMENT ON COLUMN sso_logout.provider_id IS 'The provider.';
COMMENT ON COLUMN sso_logout.token_hash IS 'SHA-256 of the token''s name (jti).';
COMMENT ON COLUMN sso_logout.over_at IS 'From when on it would be refused for its age.';
