-- What visitors of a closed tenant are told of the reason.

ALTER TABLE managed_database
    ADD COLUMN cause text,
    ADD CONSTRAINT managed_database_cause CHECK (cause IN ('unpaid', 'quota'));
COMMENT ON COLUMN managed_database.cause IS 'What the edge''s page tells of why the tenant is closed; null tells nothing. Kept when it opens, and told only while it is closed.';
