-- A tenant's time may end by the clock.

ALTER TABLE tenant
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN expiry_kept timestamptz;
COMMENT ON COLUMN tenant.expires_at IS 'When its time ends; null is never.';
COMMENT ON COLUMN tenant.expiry_kept IS 'The end for which it was suspended, so that one end suspends once; null where none did.';
CREATE INDEX tenant_by_expiry ON tenant (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE suspension DROP CONSTRAINT suspension_reason_known;
ALTER TABLE suspension ADD CONSTRAINT suspension_reason_known
    CHECK (reason IN ('unpaid', 'manual', 'abuse', 'quota', 'expired'));
COMMENT ON COLUMN suspension.reason IS 'Why: unpaid, manual, abuse, quota, expired.';
