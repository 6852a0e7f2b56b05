-- People: who may sign in, what they are, their sessions and tokens; organizations; what API keys may do.

CREATE TABLE person (
    id uuid CONSTRAINT person_pkey PRIMARY KEY,
    email text NOT NULL CONSTRAINT person_email_key UNIQUE CONSTRAINT person_email_lower CHECK (email = lower(email)),
    name text NOT NULL,
    password_hash text,
    password_set_at timestamptz,
    staff_role text CONSTRAINT person_staff_role_known
        CHECK (staff_role IN ('owner', 'admin', 'operator', 'support', 'viewer')),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT person_password_has_time CHECK ((password_hash IS NULL) = (password_set_at IS NULL))
);
CREATE INDEX person_staff ON person (email) WHERE staff_role IS NOT NULL;
COMMENT ON TABLE person IS 'Everybody who can sign in: the operator''s staff and the members of customers'' organizations.';
COMMENT ON COLUMN person.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN person.email IS 'What they sign in with, in lower case.';
COMMENT ON COLUMN person.name IS 'Name for people.';
COMMENT ON COLUMN person.password_hash IS 'argon2id as a PHC string; null where there is no password.';
COMMENT ON COLUMN person.password_set_at IS 'When the password was set.';
COMMENT ON COLUMN person.staff_role IS 'Role in the operator''s staff; null for customers.';
COMMENT ON COLUMN person.created_at IS 'When they accepted their invitation.';
COMMENT ON COLUMN person.disabled_at IS 'When they were shut out.';

CREATE TABLE organization (
    id uuid CONSTRAINT organization_pkey PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX organization_name ON organization (lower(name));
COMMENT ON TABLE organization IS 'Customers'' accounts.';
COMMENT ON COLUMN organization.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN organization.name IS 'Name for people, unique whatever its case.';
COMMENT ON COLUMN organization.created_at IS 'When it was made.';

CREATE TABLE membership (
    organization_id uuid NOT NULL CONSTRAINT membership_organization_fkey REFERENCES organization ON DELETE CASCADE,
    person_id uuid NOT NULL CONSTRAINT membership_person_fkey REFERENCES person ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT membership_role_known CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    since timestamptz NOT NULL,
    CONSTRAINT membership_pkey PRIMARY KEY (organization_id, person_id)
);
CREATE INDEX membership_by_person ON membership (person_id);
COMMENT ON TABLE membership IS 'Who belongs to which organization.';
COMMENT ON COLUMN membership.organization_id IS 'The organization.';
COMMENT ON COLUMN membership.person_id IS 'The person.';
COMMENT ON COLUMN membership.role IS 'What they are in it.';
COMMENT ON COLUMN membership.since IS 'When they joined.';

ALTER TABLE tenant ADD COLUMN organization_id uuid
    CONSTRAINT tenant_organization_fkey REFERENCES organization;
CREATE INDEX tenant_by_organization ON tenant (organization_id, created_at, id);
COMMENT ON COLUMN tenant.organization_id IS 'The customer whose it is; null while only the staff looks after it.';

CREATE TABLE session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT session_person_fkey REFERENCES person ON DELETE CASCADE,
    methods text[] NOT NULL,
    authenticated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text CONSTRAINT session_end_known CHECK
        (ended_because IN ('sign-out', 'revoked', 'token-reused', 'password', 'disabled')),
    address text,
    user_agent text,
    CONSTRAINT session_end_has_reason CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX session_by_person ON session (person_id, created_at DESC);
COMMENT ON TABLE session IS 'Times that somebody is signed in, each on one device; the family of its refresh tokens.';
COMMENT ON COLUMN session.id IS 'Identity, UUIDv7; access tokens name it.';
COMMENT ON COLUMN session.person_id IS 'Who.';
COMMENT ON COLUMN session.methods IS 'How they proved who they are, such as password.';
COMMENT ON COLUMN session.authenticated_at IS 'When they last proved it.';
COMMENT ON COLUMN session.created_at IS 'When they signed in.';
COMMENT ON COLUMN session.last_seen_at IS 'When its tokens were last renewed.';
COMMENT ON COLUMN session.expires_at IS 'When they have to sign in anew, however busy they are.';
COMMENT ON COLUMN session.ended_at IS 'When it was ended; its tokens are worth nothing from then on.';
COMMENT ON COLUMN session.ended_because IS 'Why it was ended.';
COMMENT ON COLUMN session.address IS 'The client''s address at sign-in.';
COMMENT ON COLUMN session.user_agent IS 'What the client called itself, shortened.';

CREATE TABLE refresh_token (
    hash bytea CONSTRAINT refresh_token_pkey PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT refresh_token_session_fkey REFERENCES session ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_token_by_session ON refresh_token (session_id);
COMMENT ON TABLE refresh_token IS 'Refresh tokens, each good for one renewal. Used ones are kept to recognize a copy.';
COMMENT ON COLUMN refresh_token.hash IS 'SHA-256 of the token, which is 256 random bits.';
COMMENT ON COLUMN refresh_token.session_id IS 'The session, which is the family of tokens.';
COMMENT ON COLUMN refresh_token.created_at IS 'When it was given.';
COMMENT ON COLUMN refresh_token.expires_at IS 'When it ends.';
COMMENT ON COLUMN refresh_token.used_at IS 'When it was given back for the next one.';

CREATE TABLE signing_key (
    id uuid CONSTRAINT signing_key_pkey PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX signing_key_by_age ON signing_key (created_at DESC);
COMMENT ON TABLE signing_key IS 'Ed25519 keys that access tokens are signed with; the newest signs, older ones only verify.';
COMMENT ON COLUMN signing_key.id IS 'The kid of its tokens.';
COMMENT ON COLUMN signing_key.public_key IS 'The public half.';
COMMENT ON COLUMN signing_key.sealed IS 'The private half, encrypted with the server''s key.';
COMMENT ON COLUMN signing_key.created_at IS 'When it was made.';

CREATE TABLE sign_in_attempt (
    id uuid CONSTRAINT sign_in_attempt_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    account bytea NOT NULL,
    address text NOT NULL,
    user_agent text,
    outcome text NOT NULL CONSTRAINT sign_in_attempt_outcome_known
        CHECK (outcome IN ('failed', 'succeeded', 'forgiven')),
    person_id uuid CONSTRAINT sign_in_attempt_person_fkey REFERENCES person ON DELETE CASCADE
);
CREATE INDEX sign_in_attempt_by_account ON sign_in_attempt (account, at DESC) WHERE outcome = 'failed';
CREATE INDEX sign_in_attempt_by_address ON sign_in_attempt (address, at DESC) WHERE outcome = 'failed';
CREATE INDEX sign_in_attempt_by_person ON sign_in_attempt (person_id, at DESC);
CREATE INDEX sign_in_attempt_by_at ON sign_in_attempt (at);
COMMENT ON TABLE sign_in_attempt IS 'Who tried to sign in: the history that people see, and what the limits are counted from.';
COMMENT ON COLUMN sign_in_attempt.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN sign_in_attempt.at IS 'When.';
COMMENT ON COLUMN sign_in_attempt.account IS 'Keyed hash of what was typed as the address, so that a mistyped password is not kept.';
COMMENT ON COLUMN sign_in_attempt.address IS 'The client''s address.';
COMMENT ON COLUMN sign_in_attempt.user_agent IS 'What the client called itself, shortened.';
COMMENT ON COLUMN sign_in_attempt.outcome IS 'failed counts for the limits; forgiven did until the right password came.';
COMMENT ON COLUMN sign_in_attempt.person_id IS 'The person, where the address is one''s.';

ALTER TABLE one_time_link DROP CONSTRAINT one_time_link_purpose_known;
ALTER TABLE one_time_link ADD CONSTRAINT one_time_link_purpose_known
    CHECK (purpose IN ('owner', 'set-password', 'invitation', 'reset', 'email'));
ALTER TABLE one_time_link ADD COLUMN person_id uuid
    CONSTRAINT one_time_link_person_fkey REFERENCES person ON DELETE CASCADE;
ALTER TABLE one_time_link ADD COLUMN email text;
ALTER TABLE one_time_link ADD COLUMN staff_role text CONSTRAINT one_time_link_staff_role_known
    CHECK (staff_role IN ('owner', 'admin', 'operator', 'support', 'viewer'));
ALTER TABLE one_time_link ADD COLUMN organization_id uuid
    CONSTRAINT one_time_link_organization_fkey REFERENCES organization ON DELETE CASCADE;
ALTER TABLE one_time_link ADD COLUMN organization_role text CONSTRAINT one_time_link_organization_role_known
    CHECK (organization_role IN ('owner', 'admin', 'member', 'viewer'));
ALTER TABLE one_time_link ADD COLUMN created_by text;
ALTER TABLE one_time_link ADD CONSTRAINT one_time_link_invitation_says_what CHECK (
    (purpose = 'invitation') = ((staff_role IS NOT NULL) <> (organization_role IS NOT NULL))
    AND (organization_id IS NULL) = (organization_role IS NULL));
CREATE INDEX one_time_link_by_person ON one_time_link (person_id);
CREATE INDEX one_time_link_by_organization ON one_time_link (organization_id);
COMMENT ON COLUMN one_time_link.person_id IS 'The person whose password or address it changes.';
COMMENT ON COLUMN one_time_link.email IS 'Whom it invites, or the address that it changes to.';
COMMENT ON COLUMN one_time_link.staff_role IS 'The staff role that an invitation gives.';
COMMENT ON COLUMN one_time_link.organization_id IS 'The organization that an invitation leads into.';
COMMENT ON COLUMN one_time_link.organization_role IS 'The role that an invitation gives there.';
COMMENT ON COLUMN one_time_link.created_by IS 'Who made it.';

ALTER TABLE api_key ADD COLUMN staff_role text CONSTRAINT api_key_staff_role_known
    CHECK (staff_role IN ('owner', 'admin', 'operator', 'support', 'viewer'));
ALTER TABLE api_key ADD COLUMN organization_role text CONSTRAINT api_key_organization_role_known
    CHECK (organization_role IN ('owner', 'admin', 'member', 'viewer'));
ALTER TABLE api_key ADD COLUMN read_only boolean NOT NULL DEFAULT false;
ALTER TABLE api_key ADD COLUMN organizations uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE api_key ADD COLUMN tenants uuid[];
ALTER TABLE api_key ADD COLUMN created_by text;
ALTER TABLE api_key ADD COLUMN superseded_at timestamptz;
UPDATE api_key SET staff_role = CASE scope WHEN 'full' THEN 'owner' ELSE 'viewer' END, read_only = (scope = 'read-only');
ALTER TABLE api_key DROP COLUMN scope;
ALTER TABLE api_key ALTER COLUMN read_only DROP DEFAULT;
ALTER TABLE api_key ADD CONSTRAINT api_key_has_one_role
    CHECK ((staff_role IS NOT NULL) <> (organization_role IS NOT NULL)
        AND (organization_role IS NOT NULL) = (organizations <> '{}'));
DROP INDEX api_key_name_in_force;
CREATE UNIQUE INDEX api_key_name_in_force ON api_key (name) WHERE revoked_at IS NULL AND superseded_at IS NULL;
COMMENT ON COLUMN api_key.staff_role IS 'The staff role of a key of the operator''s.';
COMMENT ON COLUMN api_key.organization_role IS 'The role of a key of organizations, in each of them.';
COMMENT ON COLUMN api_key.read_only IS 'Whether it may only look.';
COMMENT ON COLUMN api_key.organizations IS 'The organizations that it is for; none for a key of the staff.';
COMMENT ON COLUMN api_key.tenants IS 'The only tenants that it reaches; null is no such limit.';
COMMENT ON COLUMN api_key.created_by IS 'Who made it.';
COMMENT ON COLUMN api_key.superseded_at IS 'When another key took its place; it goes on until it expires.';

CREATE INDEX audit_entry_by_actor ON audit_entry (actor, at);
