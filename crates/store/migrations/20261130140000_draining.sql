-- Nodes that are emptied, tenant by tenant, by a plan that was shown; and what a tenant wants of its node for good.

CREATE TABLE drain (
    id uuid CONSTRAINT drain_pkey PRIMARY KEY CONSTRAINT drain_operation_fkey REFERENCES operation,
    node_id uuid NOT NULL CONSTRAINT drain_node_fkey REFERENCES node,
    plan text NOT NULL,
    at_once smallint NOT NULL CONSTRAINT drain_at_once_bounded CHECK (at_once BETWEEN 1 AND 10),
    mode_before text NOT NULL CONSTRAINT drain_mode_before_known CHECK (mode_before IN ('active', 'draining', 'paused')),
    began_at timestamptz NOT NULL,
    paused_at timestamptz,
    paused_by text,
    ended_at timestamptz,
    CONSTRAINT drain_paused_by_somebody CHECK ((paused_at IS NULL) = (paused_by IS NULL))
);
CREATE UNIQUE INDEX drain_open ON drain (node_id) WHERE ended_at IS NULL;
CREATE INDEX drain_by_node ON drain (node_id, began_at DESC);
COMMENT ON TABLE drain IS 'Drains: nodes whose tenants go to others, a few at a time.';
COMMENT ON COLUMN drain.id IS 'The operation''s identity; each move is an operation whose parent it is.';
COMMENT ON COLUMN drain.node_id IS 'The node that is emptied.';
COMMENT ON COLUMN drain.plan IS 'The name of the plan that was shown and is done.';
COMMENT ON COLUMN drain.at_once IS 'How many moves are under way at a time at most.';
COMMENT ON COLUMN drain.mode_before IS 'The node''s mode before, to which it goes back when the drain is cancelled.';
COMMENT ON COLUMN drain.began_at IS 'When it was asked for; the node is draining from then on.';
COMMENT ON COLUMN drain.paused_at IS 'Since when it begins no moves; null while it does.';
COMMENT ON COLUMN drain.paused_by IS 'Who paused it.';
COMMENT ON COLUMN drain.ended_at IS 'When it ended, well or not.';

CREATE TABLE drain_move (
    drain_id uuid NOT NULL CONSTRAINT drain_move_drain_fkey REFERENCES drain ON DELETE CASCADE,
    position integer NOT NULL,
    tenant_id uuid NOT NULL,
    subdomain text NOT NULL,
    to_node_id uuid CONSTRAINT drain_move_to_fkey REFERENCES node,
    bytes bigint NOT NULL,
    operation_id uuid CONSTRAINT drain_move_operation_fkey REFERENCES operation,
    put_off_at timestamptz,
    put_off_for text,
    refused_code text,
    refused_detail text,
    CONSTRAINT drain_move_pkey PRIMARY KEY (drain_id, position),
    CONSTRAINT drain_move_tenant_key UNIQUE (drain_id, tenant_id),
    CONSTRAINT drain_move_begun_or_refused CHECK (operation_id IS NULL OR refused_code IS NULL),
    CONSTRAINT drain_move_goes_or_stays CHECK (to_node_id IS NOT NULL OR refused_code IS NOT NULL),
    CONSTRAINT drain_move_refused_in_words CHECK ((refused_code IS NULL) = (refused_detail IS NULL)),
    CONSTRAINT drain_move_put_off_in_words CHECK ((put_off_at IS NULL) = (put_off_for IS NULL))
);
COMMENT ON TABLE drain_move IS 'The tenants of a drain: those that go, in their order, and those of which the plan said that they stay.';
COMMENT ON COLUMN drain_move.drain_id IS 'The drain.';
COMMENT ON COLUMN drain_move.position IS 'Its place in the order, from 0.';
COMMENT ON COLUMN drain_move.tenant_id IS 'The tenant; it may be purged meanwhile.';
COMMENT ON COLUMN drain_move.subdomain IS 'Its name when the drain was planned.';
COMMENT ON COLUMN drain_move.to_node_id IS 'Where the plan has it go; null for one that stays.';
COMMENT ON COLUMN drain_move.bytes IS 'What it takes of a disk, roughly, as the plan knew it.';
COMMENT ON COLUMN drain_move.operation_id IS 'The operation that moves it, once it has begun; how that ends is how this ends.';
COMMENT ON COLUMN drain_move.put_off_at IS 'Since when its move cannot begin for a reason that may pass.';
COMMENT ON COLUMN drain_move.put_off_for IS 'That reason, in words.';
COMMENT ON COLUMN drain_move.refused_code IS 'Why it was not begun, as a stable word; null while it may be.';
COMMENT ON COLUMN drain_move.refused_detail IS 'Why it was not begun, for a person.';

ALTER TABLE tenant
    ADD COLUMN node_labels text[] NOT NULL DEFAULT '{}',
    ADD COLUMN is_pinned boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tenant.node_labels IS 'What its node must be known by, as it was asked for when it was made; also where it moves by itself.';
COMMENT ON COLUMN tenant.is_pinned IS 'Whether it was made for one node by name; such a tenant leaves it only when somebody says so.';
