-- Tenants that move between nodes, and the streams by which they do.

CREATE TABLE relocation (
    id uuid CONSTRAINT relocation_pkey PRIMARY KEY CONSTRAINT relocation_operation_fkey REFERENCES operation,
    tenant_id uuid NOT NULL,
    subdomain text NOT NULL,
    database_name text NOT NULL,
    from_node_id uuid NOT NULL CONSTRAINT relocation_from_fkey REFERENCES node,
    to_node_id uuid NOT NULL CONSTRAINT relocation_to_fkey REFERENCES node,
    state text NOT NULL CONSTRAINT relocation_state_known CHECK (state IN ('moving', 'undone', 'kept', 'dropping', 'dropped', 'given-up')),
    was_served boolean NOT NULL,
    generation bigint NOT NULL DEFAULT 0,
    began_at timestamptz NOT NULL,
    closed_at timestamptz,
    served_at timestamptz,
    keep_until timestamptz,
    dropped_at timestamptz,
    CONSTRAINT relocation_between_two CHECK (from_node_id <> to_node_id),
    CONSTRAINT relocation_kept_has_time CHECK (state <> 'kept' OR (served_at IS NOT NULL AND keep_until IS NOT NULL))
);
CREATE UNIQUE INDEX relocation_open ON relocation (tenant_id) WHERE state IN ('moving', 'kept', 'dropping');
CREATE INDEX relocation_by_node ON relocation (from_node_id) WHERE state IN ('kept', 'dropping');
COMMENT ON TABLE relocation IS 'Moves of tenants between nodes, and what is left of a tenant where it came from.';
COMMENT ON COLUMN relocation.id IS 'The operation''s identity.';
COMMENT ON COLUMN relocation.tenant_id IS 'The tenant; it may be purged while its copy is still there.';
COMMENT ON COLUMN relocation.subdomain IS 'Its name when it moved.';
COMMENT ON COLUMN relocation.database_name IS 'Its database when it moved: the copy is known by that.';
COMMENT ON COLUMN relocation.from_node_id IS 'Where it was.';
COMMENT ON COLUMN relocation.to_node_id IS 'Where it goes.';
COMMENT ON COLUMN relocation.state IS 'moving; undone; kept: done, with a copy at the source that nobody is served from; dropping; dropped; given-up: the copy went with its node.';
COMMENT ON COLUMN relocation.was_served IS 'Whether anybody was served before: only then the stop was felt.';
COMMENT ON COLUMN relocation.generation IS 'The generation of the order that put the copy away; orders about it carry no lower one.';
COMMENT ON COLUMN relocation.began_at IS 'When it was asked for.';
COMMENT ON COLUMN relocation.closed_at IS 'When the source was told to close it: the stop begins.';
COMMENT ON COLUMN relocation.served_at IS 'When the destination was seen to serve it: the stop ends.';
COMMENT ON COLUMN relocation.keep_until IS 'When the copy is dropped by itself.';
COMMENT ON COLUMN relocation.dropped_at IS 'When the copy was dropped.';

CREATE TABLE transfer (
    id uuid CONSTRAINT transfer_pkey PRIMARY KEY,
    job_id uuid NOT NULL CONSTRAINT transfer_job_fkey REFERENCES job ON DELETE CASCADE,
    from_node_id uuid NOT NULL CONSTRAINT transfer_from_fkey REFERENCES node,
    to_node_id uuid NOT NULL CONSTRAINT transfer_to_fkey REFERENCES node,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX transfer_open ON transfer (job_id) WHERE ended_at IS NULL;
COMMENT ON TABLE transfer IS 'Streams from one node to another. The server passes them on and keeps nothing of them.';
COMMENT ON COLUMN transfer.id IS 'Identity, UUIDv7; part of the address at which the two nodes meet.';
COMMENT ON COLUMN transfer.job_id IS 'The saga that it belongs to.';
COMMENT ON COLUMN transfer.from_node_id IS 'The only node that may send.';
COMMENT ON COLUMN transfer.to_node_id IS 'The only node that may receive.';
COMMENT ON COLUMN transfer.created_at IS 'When it was ordered.';
COMMENT ON COLUMN transfer.ended_at IS 'When both orders of it, or one of them in vain, had ended: nobody may use it any more.';
