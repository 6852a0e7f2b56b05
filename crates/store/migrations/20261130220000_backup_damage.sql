-- What is taken after damage was found does not build upon what was there before.

ALTER TABLE backup ADD COLUMN damaged_at timestamptz;
COMMENT ON COLUMN backup.damaged_at IS 'When it was found damaged; nothing for one that is not, or was found whole since.';
