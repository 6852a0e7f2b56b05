-- What a backup failed of, as the word that pages have words for in each language.

ALTER TABLE backup ADD COLUMN failure_code text;
COMMENT ON COLUMN backup.failure_code IS 'Why it failed, or what is wrong with it, as a stable word; nothing for those of before.';
