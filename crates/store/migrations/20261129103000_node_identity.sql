-- Who a node is, who the server is to it, what the node can do, and what is left of one that was taken out.

ALTER TABLE node
    ADD COLUMN next_credential_hash bytea CONSTRAINT node_next_credential_key UNIQUE,
    ADD COLUMN credential_at timestamptz,
    ADD COLUMN rotation_asked_at timestamptz,
    ADD COLUMN hello jsonb,
    ADD COLUMN hello_at timestamptz,
    ADD COLUMN clock_skew_ms bigint;
COMMENT ON COLUMN node.next_credential_hash IS 'SHA-256 of the credential that the node made to follow; both work until this one is used.';
COMMENT ON COLUMN node.credential_at IS 'Since when the credential is in force; null since it enrolled.';
COMMENT ON COLUMN node.rotation_asked_at IS 'When an operator asked for another credential; null once it came.';
COMMENT ON COLUMN node.hello IS 'What it last said that it is and can do; null for an agent that does not say so.';
COMMENT ON COLUMN node.hello_at IS 'When it said that.';
COMMENT ON COLUMN node.clock_skew_ms IS 'By how much its clock was ahead then, in milliseconds.';

CREATE TABLE server_identity (
    id uuid CONSTRAINT server_identity_pkey PRIMARY KEY,
    is_only boolean NOT NULL DEFAULT true CONSTRAINT server_identity_one UNIQUE
        CONSTRAINT server_identity_only CHECK (is_only),
    public_key bytea NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE server_identity IS 'The one Ed25519 key with which every replica proves itself to nodes. Nodes keep its public half for good.';
COMMENT ON COLUMN server_identity.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN server_identity.is_only IS 'There is one row.';
COMMENT ON COLUMN server_identity.public_key IS 'The public half.';
COMMENT ON COLUMN server_identity.sealed IS 'The private half, encrypted with the server''s key.';
COMMENT ON COLUMN server_identity.created_at IS 'When it was made.';

CREATE TABLE removed_credential (
    hash bytea CONSTRAINT removed_credential_pkey PRIMARY KEY,
    node_id uuid NOT NULL CONSTRAINT removed_credential_node_fkey REFERENCES node,
    removed_at timestamptz NOT NULL
);
COMMENT ON TABLE removed_credential IS 'Credentials of nodes that were taken out: whoever comes back with one is told to close everything.';
COMMENT ON COLUMN removed_credential.hash IS 'SHA-256 of the credential.';
COMMENT ON COLUMN removed_credential.node_id IS 'Whose it was.';
COMMENT ON COLUMN removed_credential.removed_at IS 'When the node was taken out.';
