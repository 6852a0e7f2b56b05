-- Products and plans are written by the operator, and can be closed to new tenants.

ALTER TABLE plan ADD COLUMN is_offered boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN plan.is_offered IS 'Whether a tenant may be put on it; those that are on it stay.';

ALTER TABLE product
    ADD COLUMN is_offered boolean NOT NULL DEFAULT true,
    ADD COLUMN position integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN product.is_offered IS 'Whether a tenant of it may be made; those that are there stay.';
COMMENT ON COLUMN product.position IS 'Order in lists.';
