-- Few backups were looked at and not restored for proof: those of which that goes on, or went wrong.
CREATE INDEX backup_unproven ON backup (tenant_id, store_id, looked_at) WHERE state = 'kept' AND looked_at IS NOT NULL AND proven ->> 'rows' IS NULL;
