-- Tenants that come from another node, and copies that are left of those that went to one.

ALTER TABLE managed_database
    DROP CONSTRAINT managed_database_standing,
    ADD CONSTRAINT managed_database_standing CHECK (standing IN ('building', 'open', 'restricted', 'suspended', 'paused',
        'maintenance', 'tombstone', 'template', 'replaced', 'pooled', 'arriving', 'kept'));
DROP INDEX managed_database_subject;
CREATE UNIQUE INDEX managed_database_subject ON managed_database (subject)
    WHERE standing NOT IN ('building', 'replaced', 'pooled', 'kept');
CREATE UNIQUE INDEX managed_database_kept ON managed_database (subject) WHERE standing = 'kept';
COMMENT ON COLUMN managed_database.former IS 'The name in life of a tombstone, or of a copy that is left of a tenant that moved away.';
