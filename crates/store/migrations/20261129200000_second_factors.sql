-- Second factors: codes of an app, recovery codes, passkeys, challenges; who is made to have one.

CREATE TABLE totp_factor (
    id uuid CONSTRAINT totp_factor_pkey PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT totp_factor_person_key UNIQUE
        CONSTRAINT totp_factor_person_fkey REFERENCES person ON DELETE CASCADE,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    CONSTRAINT totp_factor_confirmed_by_a_code CHECK (confirmed_at IS NULL OR last_step IS NOT NULL)
);
COMMENT ON TABLE totp_factor IS 'Codes of an app (RFC 6238), one set-up for each person. It counts once a code has confirmed it.';
COMMENT ON COLUMN totp_factor.id IS 'Identity, UUIDv7; another set-up is another row, so that its secret is sealed for itself.';
COMMENT ON COLUMN totp_factor.person_id IS 'Whose.';
COMMENT ON COLUMN totp_factor.sealed IS 'The secret, encrypted.';
COMMENT ON COLUMN totp_factor.created_at IS 'When the set-up was begun.';
COMMENT ON COLUMN totp_factor.confirmed_at IS 'When a code confirmed it; null while it does not count.';
COMMENT ON COLUMN totp_factor.last_step IS 'The newest time step of 30 s whose code was taken; no code of it or of one before is taken again.';

CREATE TABLE recovery_code (
    person_id uuid NOT NULL CONSTRAINT recovery_code_person_fkey REFERENCES person ON DELETE CASCADE,
    hash bytea NOT NULL,
    standing text NOT NULL CONSTRAINT recovery_code_standing_known CHECK (standing IN ('pending', 'active', 'used')),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (person_id, hash),
    CONSTRAINT recovery_code_used_has_time CHECK ((standing = 'used') = (used_at IS NOT NULL))
);
COMMENT ON TABLE recovery_code IS 'Codes that each stand in for a second factor once.';
COMMENT ON COLUMN recovery_code.person_id IS 'Whose.';
COMMENT ON COLUMN recovery_code.hash IS 'SHA-256 of the person''s identity and the code, which is 80 random bits.';
COMMENT ON COLUMN recovery_code.standing IS 'pending until the set-up that it was shown with is confirmed, then active, then used.';
COMMENT ON COLUMN recovery_code.created_at IS 'When it was made.';
COMMENT ON COLUMN recovery_code.used_at IS 'When it was used.';

CREATE TABLE passkey (
    id uuid CONSTRAINT passkey_pkey PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT passkey_person_fkey REFERENCES person ON DELETE CASCADE,
    credential_id bytea NOT NULL CONSTRAINT passkey_credential_key UNIQUE,
    credential jsonb NOT NULL,
    counter bigint NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkey_by_person ON passkey (person_id, created_at);
COMMENT ON TABLE passkey IS 'Passkeys (WebAuthn) of people; nothing of them is secret.';
COMMENT ON COLUMN passkey.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN passkey.person_id IS 'Whose; the authenticator knows them by this identity.';
COMMENT ON COLUMN passkey.credential_id IS 'What the authenticator calls it.';
COMMENT ON COLUMN passkey.credential IS 'Public key and properties, as the library writes them.';
COMMENT ON COLUMN passkey.counter IS 'How often the authenticator says that it signed; it only grows, or stays zero where it does not count.';
COMMENT ON COLUMN passkey.name IS 'Name for its person.';
COMMENT ON COLUMN passkey.created_at IS 'When it was added.';
COMMENT ON COLUMN passkey.last_used_at IS 'When it was last used.';

CREATE TABLE factor_challenge (
    hash bytea CONSTRAINT factor_challenge_pkey PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT factor_challenge_purpose_known
        CHECK (purpose IN ('sign-in', 'passkey', 'register', 'step-up')),
    person_id uuid CONSTRAINT factor_challenge_person_fkey REFERENCES person ON DELETE CASCADE,
    session_id uuid CONSTRAINT factor_challenge_session_fkey REFERENCES session ON DELETE CASCADE,
    attempt_id uuid,
    staff_side boolean,
    address text,
    ceremony jsonb,
    failures integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT factor_challenge_is_somebody_s CHECK ((purpose = 'passkey') = (person_id IS NULL)),
    CONSTRAINT factor_challenge_has_session CHECK ((purpose IN ('register', 'step-up')) = (session_id IS NOT NULL)),
    CONSTRAINT factor_challenge_has_side CHECK ((purpose = 'sign-in') = (staff_side IS NOT NULL)),
    CONSTRAINT factor_challenge_has_address CHECK ((purpose = 'passkey') = (address IS NOT NULL))
);
CREATE INDEX factor_challenge_by_address ON factor_challenge (address) WHERE address IS NOT NULL;
CREATE INDEX factor_challenge_by_person ON factor_challenge (person_id);
CREATE INDEX factor_challenge_by_session ON factor_challenge (session_id);
CREATE INDEX factor_challenge_by_end ON factor_challenge (expires_at);
COMMENT ON TABLE factor_challenge IS 'What is waited for: the second step of a sign-in, or what a passkey is to sign. Each row is taken once.';
COMMENT ON COLUMN factor_challenge.hash IS 'SHA-256 of the token that its client holds, which is 256 random bits.';
COMMENT ON COLUMN factor_challenge.purpose IS 'sign-in: second step after the password; passkey: sign-in without one; register: a new passkey; step-up: proving anew.';
COMMENT ON COLUMN factor_challenge.person_id IS 'Whose; null where the passkey will say it.';
COMMENT ON COLUMN factor_challenge.session_id IS 'The session that asked.';
COMMENT ON COLUMN factor_challenge.attempt_id IS 'The attempt to sign in whose password was right.';
COMMENT ON COLUMN factor_challenge.staff_side IS 'Whether they sign in as staff.';
COMMENT ON COLUMN factor_challenge.address IS 'The address of whoever has nobody''s name yet, for limits.';
COMMENT ON COLUMN factor_challenge.ceremony IS 'What the passkey has to sign and how; taken out with the first answer, right or wrong.';
COMMENT ON COLUMN factor_challenge.failures IS 'Wrong codes so far; after five the row is gone.';
COMMENT ON COLUMN factor_challenge.created_at IS 'When it was made.';
COMMENT ON COLUMN factor_challenge.expires_at IS 'When it ends.';

ALTER TABLE organization ADD COLUMN requires_factor boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organization.requires_factor IS 'Whether its members must have a second factor.';

ALTER TABLE sign_in_attempt DROP CONSTRAINT sign_in_attempt_outcome_known;
ALTER TABLE sign_in_attempt ADD CONSTRAINT sign_in_attempt_outcome_known
    CHECK (outcome IN ('failed', 'succeeded', 'forgiven', 'challenged'));
ALTER TABLE sign_in_attempt ADD COLUMN by_code boolean NOT NULL DEFAULT false;
CREATE INDEX sign_in_attempt_by_code ON sign_in_attempt (person_id, at DESC) WHERE by_code AND outcome = 'failed';
COMMENT ON COLUMN sign_in_attempt.outcome IS 'failed counts for the limits; forgiven did until the right password came; challenged: password right, second factor not shown.';
COMMENT ON COLUMN sign_in_attempt.by_code IS 'Whether a code of six digits was tried, of which no more than a few a day may be wrong.';

ALTER TABLE session DROP CONSTRAINT session_end_known;
ALTER TABLE session ADD CONSTRAINT session_end_known CHECK
    (ended_because IN ('sign-out', 'revoked', 'token-reused', 'password', 'disabled', 'factor'));
