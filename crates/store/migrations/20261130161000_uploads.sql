-- Uploads: files that come in piece by piece, to become tenants.

CREATE TABLE upload (
    id uuid CONSTRAINT upload_pkey PRIMARY KEY,
    file_name text NOT NULL,
    bytes bigint NOT NULL CONSTRAINT upload_has_size CHECK (bytes > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    transfer_id uuid CONSTRAINT upload_transfer_unique UNIQUE,
    operation_id uuid CONSTRAINT upload_operation_fkey REFERENCES operation,
    node_id uuid CONSTRAINT upload_node_fkey REFERENCES node,
    dropped_at timestamptz,
    CONSTRAINT upload_is_imported_whole CHECK ((transfer_id IS NULL) = (node_id IS NULL) AND (node_id IS NULL) = (operation_id IS NULL))
);
CREATE INDEX upload_open ON upload (created_at) WHERE dropped_at IS NULL;
COMMENT ON TABLE upload IS 'Files that come in piece by piece. Their bytes lie in a folder of the server; how many there are is the file''s size.';
COMMENT ON COLUMN upload.id IS 'Identity, UUIDv7; also the file''s name.';
COMMENT ON COLUMN upload.file_name IS 'Its name, for people.';
COMMENT ON COLUMN upload.bytes IS 'How large it is to become.';
COMMENT ON COLUMN upload.created_by IS 'Who uploads it.';
COMMENT ON COLUMN upload.created_at IS 'When it was begun.';
COMMENT ON COLUMN upload.expires_at IS 'When it is removed, whole or not.';
COMMENT ON COLUMN upload.transfer_id IS 'The transfer by which a node fetches it.';
COMMENT ON COLUMN upload.operation_id IS 'The operation that makes a tenant of it.';
COMMENT ON COLUMN upload.node_id IS 'The node that fetches it.';
COMMENT ON COLUMN upload.dropped_at IS 'When somebody gave it up, or a tenant was made of it.';
