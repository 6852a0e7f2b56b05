-- When a backup could not be restored for proof, although nothing says that it is not whole.
ALTER TABLE backup
    ADD COLUMN not_proven_at timestamptz,
    ADD COLUMN not_proven_code text,
    ADD COLUMN not_proven text;
COMMENT ON COLUMN backup.not_proven_at IS 'When it was last to be restored for proof and could not be, for no fault of its own.';
COMMENT ON COLUMN backup.not_proven_code IS 'Why it could not be then, as a stable word.';
COMMENT ON COLUMN backup.not_proven IS 'Why it could not be then, for a person.';
CREATE INDEX backup_not_proven ON backup (tenant_id, store_id, not_proven_at DESC) WHERE not_proven_at IS NOT NULL;
