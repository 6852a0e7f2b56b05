-- Why a tenant is closed, each reason by itself; what operations found out; one operation for many tenants.

CREATE TABLE suspension (
    tenant_id uuid NOT NULL CONSTRAINT suspension_tenant_fkey REFERENCES tenant ON DELETE CASCADE,
    reason text NOT NULL CONSTRAINT suspension_reason_known CHECK (reason IN ('unpaid', 'manual', 'abuse', 'quota')),
    form text NOT NULL CONSTRAINT suspension_form_known CHECK (form IN ('full', 'back-office')),
    note text,
    since timestamptz NOT NULL,
    requested_by text NOT NULL,
    operation_id uuid CONSTRAINT suspension_operation_fkey REFERENCES operation,
    CONSTRAINT suspension_pkey PRIMARY KEY (tenant_id, reason)
);
COMMENT ON TABLE suspension IS 'Why tenants are suspended. One falls by itself, and the others stand.';
COMMENT ON COLUMN suspension.tenant_id IS 'The tenant.';
COMMENT ON COLUMN suspension.reason IS 'Why: unpaid, manual, abuse, quota.';
COMMENT ON COLUMN suspension.form IS 'full: everything is closed; back-office: the public website stays open.';
COMMENT ON COLUMN suspension.note IS 'The operator''s words on it.';
COMMENT ON COLUMN suspension.since IS 'When it began.';
COMMENT ON COLUMN suspension.requested_by IS 'Who asked: an API key''s id, or system.';
COMMENT ON COLUMN suspension.operation_id IS 'The operation that holds the evidence; null where it is older than this table.';
INSERT INTO suspension (tenant_id, reason, form, note, since, requested_by)
    SELECT id, unnest(suspension_reasons), 'full', suspension_note, updated_at, 'system' FROM tenant;

ALTER TABLE tenant
    DROP COLUMN suspension_reasons,
    DROP COLUMN suspension_note,
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text,
    ADD CONSTRAINT tenant_pause_has_author CHECK ((paused_at IS NULL) = (paused_by IS NULL));
COMMENT ON COLUMN tenant.paused_at IS 'When the customer closed it; a suspension stands above it and leaves it.';
COMMENT ON COLUMN tenant.paused_by IS 'Who asked for that.';

ALTER TABLE operation
    ALTER COLUMN node_id DROP NOT NULL,
    ADD COLUMN facts jsonb,
    ADD COLUMN parent_id uuid CONSTRAINT operation_parent_fkey REFERENCES operation,
    ADD CONSTRAINT operation_bulk_has_no_node CHECK ((kind = 'tenant.bulk') = (node_id IS NULL));
CREATE INDEX operation_by_parent ON operation (parent_id, created_at, id) WHERE parent_id IS NOT NULL;
CREATE INDEX operation_by_tenant_and_kind ON operation (tenant_id, kind, created_at DESC);
DROP INDEX operation_by_tenant;
COMMENT ON COLUMN operation.node_id IS 'The node that does it; null for one that is many.';
COMMENT ON COLUMN operation.facts IS 'What the node found out: evidence of a suspension, the result of a check, where a dump is.';
COMMENT ON COLUMN operation.parent_id IS 'The operation on many tenants that this one is a part of.';

ALTER TABLE template
    DROP CONSTRAINT template_state_known,
    ADD CONSTRAINT template_state_known CHECK (state IN ('building', 'ready', 'failed', 'retired')),
    ADD COLUMN version integer NOT NULL DEFAULT 0,
    ADD COLUMN digest text,
    ADD COLUMN warmed_at timestamptz,
    ADD COLUMN adopted_from text,
    ADD COLUMN pool_size integer CONSTRAINT template_pool_size_sane CHECK (pool_size BETWEEN 0 AND 1000);
UPDATE template SET version = 1 WHERE built_at IS NOT NULL;
COMMENT ON COLUMN template.state IS 'building: cannot be cloned yet; ready; failed: the last build failed and there is none before it; retired: no new tenants from it.';
COMMENT ON COLUMN template.version IS 'Grows with every build; what tenants were made from before keeps working.';
COMMENT ON COLUMN template.digest IS 'SHA-256 of what is in it: modules with versions, languages, files.';
COMMENT ON COLUMN template.warmed_at IS 'When its pages and bundles were last compiled; null where that failed.';
COMMENT ON COLUMN template.adopted_from IS 'The database that it is a copy of, stripped of its people; null for one built from nothing.';
COMMENT ON COLUMN template.pool_size IS 'How many clones its node keeps ready; null leaves it to the node and to demand.';

ALTER TABLE node ADD COLUMN observed jsonb, ADD COLUMN observed_at timestamptz;
COMMENT ON COLUMN node.observed IS 'What the node last said of itself: pools, unmanaged databases, the edge.';
COMMENT ON COLUMN node.observed_at IS 'When it said so.';
