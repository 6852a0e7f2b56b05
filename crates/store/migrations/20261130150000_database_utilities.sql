-- How much tenants hold and held, and what nodes are asked of their databases.

CREATE TABLE tenant_size (
    tenant_id uuid NOT NULL CONSTRAINT tenant_size_tenant_fkey REFERENCES tenant ON DELETE CASCADE,
    at timestamptz NOT NULL,
    database_bytes bigint NOT NULL CONSTRAINT tenant_size_database_bytes_counted CHECK (database_bytes >= 0),
    file_bytes bigint CONSTRAINT tenant_size_file_bytes_counted CHECK (file_bytes >= 0),
    CONSTRAINT tenant_size_pkey PRIMARY KEY (tenant_id, at)
);
COMMENT ON TABLE tenant_size IS 'Sizes of tenants as their nodes measured them, one an hour; thinned as they grow old.';
COMMENT ON COLUMN tenant_size.tenant_id IS 'The tenant.';
COMMENT ON COLUMN tenant_size.at IS 'The beginning of the hour.';
COMMENT ON COLUMN tenant_size.database_bytes IS 'Bytes of its database, as last measured in that hour.';
COMMENT ON COLUMN tenant_size.file_bytes IS 'Bytes of its files; null where they were not measured.';

CREATE TABLE node_size (
    node_id uuid NOT NULL CONSTRAINT node_size_node_fkey REFERENCES node ON DELETE CASCADE,
    at timestamptz NOT NULL,
    tenants integer NOT NULL CONSTRAINT node_size_tenants_counted CHECK (tenants >= 0),
    database_bytes bigint NOT NULL CONSTRAINT node_size_database_bytes_counted CHECK (database_bytes >= 0),
    file_bytes bigint NOT NULL CONSTRAINT node_size_file_bytes_counted CHECK (file_bytes >= 0),
    CONSTRAINT node_size_pkey PRIMARY KEY (node_id, at)
);
COMMENT ON TABLE node_size IS 'Sums of the sizes of a node''s tenants, one an hour; thinned like theirs, so that sums over time need not read those.';
COMMENT ON COLUMN node_size.node_id IS 'The node.';
COMMENT ON COLUMN node_size.at IS 'The beginning of the hour.';
COMMENT ON COLUMN node_size.tenants IS 'How many tenants of it were measured.';
COMMENT ON COLUMN node_size.database_bytes IS 'Bytes of their databases.';
COMMENT ON COLUMN node_size.file_bytes IS 'Bytes of their files, of those that were measured.';

-- What it holds is worth nothing after a crash: whoever waited is gone then, too.
CREATE UNLOGGED TABLE node_question (
    id uuid CONSTRAINT node_question_pkey PRIMARY KEY,
    node_id uuid NOT NULL,
    question jsonb NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    taken_at timestamptz,
    reply jsonb,
    CONSTRAINT node_question_reply_taken CHECK (reply IS NULL OR taken_at IS NOT NULL)
);
CREATE INDEX node_question_waiting ON node_question (node_id) WHERE taken_at IS NULL;
COMMENT ON TABLE node_question IS 'What nodes are asked now. A row goes with whoever asked, seconds later.';
COMMENT ON COLUMN node_question.id IS 'Identity, que_... in text.';
COMMENT ON COLUMN node_question.node_id IS 'The node that is asked.';
COMMENT ON COLUMN node_question.question IS 'What is asked of it.';
COMMENT ON COLUMN node_question.asked_at IS 'When.';
COMMENT ON COLUMN node_question.expires_at IS 'Until when somebody waits.';
COMMENT ON COLUMN node_question.taken_at IS 'When the node fetched it; it is told once.';
COMMENT ON COLUMN node_question.reply IS 'What the node found.';
