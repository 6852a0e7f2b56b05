-- Customers who registered themselves: who, with which address that nobody has confirmed, and from where.

CREATE TABLE registration (
    person_id uuid CONSTRAINT registration_pkey PRIMARY KEY
        CONSTRAINT registration_person_fkey REFERENCES person ON DELETE CASCADE,
    organization_id uuid NOT NULL CONSTRAINT registration_organization_fkey REFERENCES organization ON DELETE CASCADE,
    sign_in text NOT NULL,
    claimed_email text NOT NULL,
    network text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX registration_by_time ON registration (at);
CREATE INDEX registration_by_organization ON registration (organization_id);
COMMENT ON TABLE registration IS 'Customers who registered themselves.';
COMMENT ON COLUMN registration.person_id IS 'Who.';
COMMENT ON COLUMN registration.organization_id IS 'The organization that was made with them.';
COMMENT ON COLUMN registration.sign_in IS 'What they sign in with until their address is confirmed; person.email is the same until then.';
COMMENT ON COLUMN registration.claimed_email IS 'The e-mail address that they gave. Nobody has confirmed it, and nothing is decided by it.';
COMMENT ON COLUMN registration.network IS 'The client''s address; of IPv6 its network of 64 bits.';
COMMENT ON COLUMN registration.at IS 'When.';
