-- What was found in a template when it was built, and whether it is still there.

CREATE TABLE template_content (
    oid bigint CONSTRAINT template_content_pk PRIMARY KEY,
    digest text NOT NULL,
    files text[] NOT NULL,
    differs boolean NOT NULL DEFAULT false,
    missing integer NOT NULL DEFAULT 0 CONSTRAINT template_content_missing CHECK (missing >= 0)
);
COMMENT ON TABLE template_content IS 'What each template held when it was built; one that holds something else is damaged, and not cloned.';
COMMENT ON COLUMN template_content.oid IS 'The number of the template''s database: another build has another.';
COMMENT ON COLUMN template_content.digest IS 'SHA-256 of what was in it: modules with versions, languages, files.';
COMMENT ON COLUMN template_content.files IS 'The files that it names.';
COMMENT ON COLUMN template_content.differs IS 'Whether a clone of it was found to hold something else.';
COMMENT ON COLUMN template_content.missing IS 'How many of its files were not there when they were last looked for.';
