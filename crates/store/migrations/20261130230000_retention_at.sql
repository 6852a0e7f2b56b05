-- Rules that were changed hold for what is there, and not only for tenants with a new backup.
ALTER TABLE backup_store ADD COLUMN retention_at timestamptz;
COMMENT ON COLUMN backup_store.retention_at IS 'When its retention was last changed; nothing since it was added.';
