-- What the operator lets a node do, what it may hold, and the end of one.

ALTER TABLE node
    ADD COLUMN mode text NOT NULL DEFAULT 'active'
        CONSTRAINT node_mode_known CHECK (mode IN ('active', 'draining', 'paused', 'stopped')),
    ADD COLUMN mode_reason text,
    ADD COLUMN mode_by text,
    ADD COLUMN mode_at timestamptz,
    ADD COLUMN max_tenants integer CONSTRAINT node_max_tenants_range CHECK (max_tenants >= 0),
    ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
    ADD COLUMN removed_at timestamptz;
COMMENT ON COLUMN node.mode IS 'active: everything; draining: no new tenants; paused: nor what nobody asked for; stopped: its commands wait.';
COMMENT ON COLUMN node.mode_reason IS 'The operator''s words on the mode.';
COMMENT ON COLUMN node.mode_by IS 'Who set the mode.';
COMMENT ON COLUMN node.mode_at IS 'When the mode was set.';
COMMENT ON COLUMN node.max_tenants IS 'The most tenants that it may have, tombstones among them; null leaves it to what it has.';
COMMENT ON COLUMN node.labels IS 'What it is known by when a tenant is placed.';
COMMENT ON COLUMN node.removed_at IS 'When it was taken out for good; the row stays for the history.';
