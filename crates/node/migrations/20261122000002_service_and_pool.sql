-- More ways in which a tenant is closed, and clones that wait for their tenant.

ALTER TABLE managed_database
    DROP CONSTRAINT managed_database_standing,
    ADD CONSTRAINT managed_database_standing CHECK (standing IN ('building', 'open', 'restricted', 'suspended', 'paused',
        'maintenance', 'tombstone', 'template', 'replaced', 'pooled')),
    ADD COLUMN template_oid bigint,
    ADD CONSTRAINT managed_database_pooled_has_template CHECK (standing <> 'pooled' OR template_oid IS NOT NULL);
DROP INDEX managed_database_subject;
CREATE UNIQUE INDEX managed_database_subject ON managed_database (subject)
    WHERE standing NOT IN ('building', 'replaced', 'pooled');
CREATE INDEX managed_database_pool ON managed_database (subject, template_oid, created_at) WHERE standing = 'pooled';
COMMENT ON COLUMN managed_database.template_oid IS 'The number of the template that it is a clone of; a pooled one is offered only while that template is in force.';

CREATE TABLE pool (
    template text CONSTRAINT pool_pk PRIMARY KEY,
    hits bigint NOT NULL DEFAULT 0,
    misses bigint NOT NULL DEFAULT 0,
    discarded bigint NOT NULL DEFAULT 0,
    wanted integer
);
COMMENT ON TABLE pool IS 'How often clones waited ready when a tenant needed one, by template.';
COMMENT ON COLUMN pool.template IS 'The template''s name.';
COMMENT ON COLUMN pool.hits IS 'Tenants that took a ready clone.';
COMMENT ON COLUMN pool.misses IS 'Tenants that had to wait for one to be made.';
COMMENT ON COLUMN pool.discarded IS 'Ready clones that were thrown away: their check failed, or their template was replaced.';
COMMENT ON COLUMN pool.wanted IS 'How many to keep ready, as the server said; null leaves it to demand.';

CREATE TABLE pool_demand (
    template text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pool_demand_by_template ON pool_demand (template, at);
COMMENT ON TABLE pool_demand IS 'When tenants were made of late; how many are kept ready follows from it.';
COMMENT ON COLUMN pool_demand.template IS 'The template''s name.';
COMMENT ON COLUMN pool_demand.at IS 'When.';
