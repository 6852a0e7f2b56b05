-- Downloads of what backups hold: the links, and who came for them.

CREATE TABLE download (
    id uuid CONSTRAINT download_pkey PRIMARY KEY,
    backup_id uuid NOT NULL CONSTRAINT download_backup_fkey REFERENCES backup,
    token_hash bytea NOT NULL CONSTRAINT download_token_unique UNIQUE,
    wanted jsonb NOT NULL,
    file_name text NOT NULL,
    asked_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_repeatable boolean NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
CREATE INDEX download_by_time ON download (created_at DESC, id DESC);
CREATE INDEX download_of_backup ON download (backup_id);
COMMENT ON TABLE download IS 'Links with which what a backup holds can be fetched.';
COMMENT ON COLUMN download.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN download.backup_id IS 'The backup, which may still be being taken.';
COMMENT ON COLUMN download.token_hash IS 'SHA-256 of the link''s token.';
COMMENT ON COLUMN download.wanted IS 'What of it, in which form.';
COMMENT ON COLUMN download.file_name IS 'The name that the file gets.';
COMMENT ON COLUMN download.asked_by IS 'Who asked for it.';
COMMENT ON COLUMN download.created_at IS 'When.';
COMMENT ON COLUMN download.expires_at IS 'When the link ends.';
COMMENT ON COLUMN download.is_repeatable IS 'Whether it works again after a download that came to its end.';
COMMENT ON COLUMN download.used_at IS 'When a download with it last came to its end.';
COMMENT ON COLUMN download.revoked_at IS 'When somebody took it back.';
COMMENT ON COLUMN download.revoked_by IS 'Who did.';

CREATE TABLE download_fetch (
    id uuid CONSTRAINT download_fetch_pkey PRIMARY KEY,
    download_id uuid NOT NULL CONSTRAINT download_fetch_download_fkey REFERENCES download,
    operation_id uuid NOT NULL CONSTRAINT download_fetch_operation_fkey REFERENCES operation,
    node_id uuid NOT NULL CONSTRAINT download_fetch_node_fkey REFERENCES node,
    begun_at timestamptz NOT NULL,
    address text,
    skipped bigint NOT NULL,
    bytes bigint NOT NULL DEFAULT 0,
    is_whole boolean NOT NULL DEFAULT false,
    ended_at timestamptz
);
CREATE INDEX download_fetch_of_download ON download_fetch (download_id, begun_at DESC);
CREATE INDEX download_fetch_open ON download_fetch (node_id) WHERE ended_at IS NULL;
CREATE INDEX download_fetch_of_operation ON download_fetch (operation_id);
COMMENT ON TABLE download_fetch IS 'Each time that somebody came for a download.';
COMMENT ON COLUMN download_fetch.id IS 'Identity, also of the transfer by which its node sends.';
COMMENT ON COLUMN download_fetch.download_id IS 'The link that was used.';
COMMENT ON COLUMN download_fetch.operation_id IS 'The operation that sends it.';
COMMENT ON COLUMN download_fetch.node_id IS 'The node that sends it.';
COMMENT ON COLUMN download_fetch.begun_at IS 'When they came.';
COMMENT ON COLUMN download_fetch.address IS 'From where, as far as it can be believed.';
COMMENT ON COLUMN download_fetch.skipped IS 'Bytes that they had before and did not want again.';
COMMENT ON COLUMN download_fetch.bytes IS 'Bytes that they took.';
COMMENT ON COLUMN download_fetch.is_whole IS 'Whether they took it to its end.';
COMMENT ON COLUMN download_fetch.ended_at IS 'When it ended, in whichever way.';
