-- Backups of tenants: where they are kept, with which keys, and which there are.

CREATE TABLE backup_store (
    id uuid CONSTRAINT backup_store_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT backup_store_name_unique UNIQUE
        CONSTRAINT backup_store_name_plain CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    access jsonb NOT NULL,
    sealed bytea,
    is_scheduled boolean NOT NULL,
    retention jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
COMMENT ON TABLE backup_store IS 'Where backups are kept.';
COMMENT ON COLUMN backup_store.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN backup_store.name IS 'Its name for people: a-z 0-9 and dashes.';
COMMENT ON COLUMN backup_store.access IS 'A folder of each node, or a bucket with its address, without its secret key.';
COMMENT ON COLUMN backup_store.sealed IS 'Its secret key, sealed.';
COMMENT ON COLUMN backup_store.is_scheduled IS 'Whether backups are taken into it by the clock.';
COMMENT ON COLUMN backup_store.retention IS 'How many backups stay in it: last, days, weeks, months, years.';
COMMENT ON COLUMN backup_store.created_at IS 'When it was added.';
COMMENT ON COLUMN backup_store.created_by IS 'Who added it.';

-- Every installation has one from the beginning: a folder of each node.
INSERT INTO backup_store (id, name, access, is_scheduled, retention, created_at, created_by)
VALUES (gen_random_uuid(), 'local', '{"kind": "folder"}', true, '{"last": 1, "days": 7, "weeks": 4, "months": 3, "years": 0}',
    now(), 'system');

CREATE TABLE backup_key (
    tenant_id uuid CONSTRAINT backup_key_pkey PRIMARY KEY,
    recipient text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE backup_key IS 'The key of each tenant''s backups. It outlives the tenant, as its backups do.';
COMMENT ON COLUMN backup_key.tenant_id IS 'Whose; the tenant may be gone.';
COMMENT ON COLUMN backup_key.recipient IS 'The public half, in age''s form.';
COMMENT ON COLUMN backup_key.sealed IS 'The secret half, sealed.';
COMMENT ON COLUMN backup_key.created_at IS 'When it was made.';

CREATE TABLE backup (
    id uuid CONSTRAINT backup_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    organization_id uuid,
    subdomain text NOT NULL,
    database_name text NOT NULL,
    store_id uuid NOT NULL CONSTRAINT backup_store_fkey REFERENCES backup_store,
    node_id uuid NOT NULL CONSTRAINT backup_node_fkey REFERENCES node,
    kind text NOT NULL CONSTRAINT backup_kind_known CHECK (kind IN ('scheduled', 'manual', 'before', 'final')),
    state text NOT NULL CONSTRAINT backup_state_known CHECK (state IN ('taking', 'kept', 'failed', 'damaged', 'forgotten')),
    asked_by text NOT NULL,
    operation_id uuid NOT NULL,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    kept jsonb,
    failure text,
    is_held boolean NOT NULL DEFAULT false,
    in_use_until timestamptz,
    proven_at timestamptz,
    proven jsonb,
    cleared_at timestamptz,
    CONSTRAINT backup_kept_is_described CHECK (state <> 'kept' OR (kept IS NOT NULL AND ended_at IS NOT NULL))
);
CREATE INDEX backup_of_tenant ON backup (tenant_id, store_id, begun_at DESC);
CREATE INDEX backup_by_time ON backup (begun_at DESC, id DESC);
CREATE INDEX backup_taking ON backup (node_id) WHERE state = 'taking';
CREATE INDEX backup_uncleared ON backup (tenant_id) WHERE state IN ('failed', 'forgotten') AND cleared_at IS NULL;
COMMENT ON TABLE backup IS 'Backups that were asked for, also those that failed and those that were forgotten.';
COMMENT ON COLUMN backup.id IS 'Identity, UUIDv7; also its folder''s name in the store.';
COMMENT ON COLUMN backup.tenant_id IS 'Whose; the tenant may be gone.';
COMMENT ON COLUMN backup.organization_id IS 'Whose tenant it was then.';
COMMENT ON COLUMN backup.subdomain IS 'The tenant''s name then.';
COMMENT ON COLUMN backup.database_name IS 'Its database then.';
COMMENT ON COLUMN backup.store_id IS 'Where it is.';
COMMENT ON COLUMN backup.node_id IS 'The node that took it: a folder is on no other.';
COMMENT ON COLUMN backup.kind IS 'Why it was taken.';
COMMENT ON COLUMN backup.state IS 'taking; kept: whole; failed; damaged: looking at it found it so; forgotten.';
COMMENT ON COLUMN backup.asked_by IS 'Who wanted it.';
COMMENT ON COLUMN backup.operation_id IS 'The operation that took it.';
COMMENT ON COLUMN backup.begun_at IS 'When it was begun: nothing later is in it for sure.';
COMMENT ON COLUMN backup.ended_at IS 'When it was whole, or had failed.';
COMMENT ON COLUMN backup.kept IS 'What it is, as its node told: digest of the manifest, sizes, counts.';
COMMENT ON COLUMN backup.failure IS 'Why it failed, or what is wrong with it, in words.';
COMMENT ON COLUMN backup.is_held IS 'Whether somebody said that it stays.';
COMMENT ON COLUMN backup.in_use_until IS 'Until when it stays because something is restored from it.';
COMMENT ON COLUMN backup.proven_at IS 'When it was last looked at and found whole.';
COMMENT ON COLUMN backup.proven IS 'What that found, as the node told.';
COMMENT ON COLUMN backup.cleared_at IS 'When nothing of a failed or forgotten one was in the store any more.';
