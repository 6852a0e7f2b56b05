-- What is taken after damage was found does not build upon what was there before; and those are looked at first that wait longest.

ALTER TABLE backup
    ADD COLUMN damaged_at timestamptz,
    ADD COLUMN looked_at timestamptz;
COMMENT ON COLUMN backup.damaged_at IS 'When it was found damaged; null for one that is not, or was found whole since.';
COMMENT ON COLUMN backup.looked_at IS 'When somebody, or the clock, last began to look whether it is whole.';
UPDATE backup SET damaged_at = now() WHERE state = 'damaged';
UPDATE backup SET looked_at = proven_at;
