-- The audit trail: who in which role from where, for whose eyes, and a chain that shows what was changed afterwards.

ALTER TABLE audit_entry ADD COLUMN role text;
ALTER TABLE audit_entry ADD COLUMN outcome text NOT NULL DEFAULT 'done'
    CONSTRAINT audit_entry_outcome_known CHECK (outcome IN ('begun', 'done', 'failed', 'refused'));
ALTER TABLE audit_entry ALTER COLUMN outcome DROP DEFAULT;
ALTER TABLE audit_entry ADD COLUMN organization_id uuid;
ALTER TABLE audit_entry ADD COLUMN tenant_id uuid;
ALTER TABLE audit_entry ADD COLUMN address text;
ALTER TABLE audit_entry ADD COLUMN reason text;
ALTER TABLE audit_entry ADD COLUMN chain_day date;
ALTER TABLE audit_entry ADD COLUMN chain_number bigint;
ALTER TABLE audit_entry ADD COLUMN chain_hash bytea;
ALTER TABLE audit_entry ADD COLUMN chain_signature bytea;
ALTER TABLE audit_entry ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS
    (lower(subject || ' ' || actor || ' ' || coalesce(reason, '') || ' ' || coalesce(request_id, ''))) STORED;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_chain_whole
    CHECK ((chain_day IS NULL) = (chain_number IS NULL) AND (chain_day IS NULL) = (chain_hash IS NULL)
        AND (chain_signature IS NULL OR chain_day IS NOT NULL));
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_chain_place UNIQUE (chain_day, chain_number);

UPDATE audit_entry SET outcome = CASE
    WHEN action LIKE 'refused.%' OR action = 'session.refused' THEN 'refused'
    WHEN action LIKE '%.failed' THEN 'failed'
    ELSE 'done' END;

DROP INDEX audit_entry_by_at;
DROP INDEX audit_entry_by_actor;
CREATE INDEX audit_entry_by_at ON audit_entry (at, id);
CREATE INDEX audit_entry_by_actor ON audit_entry (actor, at, id);
CREATE INDEX audit_entry_by_action ON audit_entry (action, at, id);
CREATE INDEX audit_entry_by_subject ON audit_entry (subject, at, id);
CREATE INDEX audit_entry_by_organization ON audit_entry (organization_id, at, id) WHERE organization_id IS NOT NULL;
CREATE INDEX audit_entry_by_tenant ON audit_entry (tenant_id, at, id) WHERE tenant_id IS NOT NULL;
CREATE INDEX audit_entry_by_address ON audit_entry (address, at, id) WHERE address IS NOT NULL;
CREATE INDEX audit_entry_by_outcome ON audit_entry (outcome, at, id) WHERE outcome <> 'done';
CREATE INDEX audit_entry_by_operation ON audit_entry (operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX audit_entry_search ON audit_entry USING gin (search_text gin_trgm_ops);
CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE chain_hash IS NULL;

COMMENT ON TABLE audit_entry IS 'Who changed what and what was refused, written in the transaction of the change. Nothing but the chain''s columns is ever changed.';
COMMENT ON COLUMN audit_entry.id IS 'Identity; the order of the entries is that of the chain.';
COMMENT ON COLUMN audit_entry.actor IS 'Who: the id of a person, an API key or a node, or link, nobody, system.';
COMMENT ON COLUMN audit_entry.action IS 'What, as a word of the registry of actions.';
COMMENT ON COLUMN audit_entry.role IS 'The actor''s role at that time: staff:ROLE, organization:ROLE, node, link, system.';
COMMENT ON COLUMN audit_entry.outcome IS 'Whether it was begun, done, refused, or failed.';
COMMENT ON COLUMN audit_entry.organization_id IS 'The organization whose members may see it; nothing is for the staff alone. No reference: the entry outlives it.';
COMMENT ON COLUMN audit_entry.tenant_id IS 'The tenant that it is about. No reference: the entry outlives it.';
COMMENT ON COLUMN audit_entry.address IS 'The address that asked, as far as trusted proxies can be believed.';
COMMENT ON COLUMN audit_entry.reason IS 'Why, in the words of whoever did it.';
COMMENT ON COLUMN audit_entry.chain_day IS 'The day (UTC) in whose chain it was sealed; nothing until then.';
COMMENT ON COLUMN audit_entry.chain_number IS 'Its place in that day''s chain, from 1.';
COMMENT ON COLUMN audit_entry.chain_hash IS 'SHA-256 of the hash before it and its own content.';
COMMENT ON COLUMN audit_entry.chain_signature IS 'Ed25519 over day, number and hash; the last of those that were sealed together has it.';
COMMENT ON COLUMN audit_entry.search_text IS 'What the list''s search looks in.';

CREATE TABLE audit_day (
    day date CONSTRAINT audit_day_pkey PRIMARY KEY,
    before bytea NOT NULL,
    entries bigint,
    last bytea,
    signature bytea,
    closed_at timestamptz,
    dropped_at timestamptz,
    drop_signature bytea,
    CONSTRAINT audit_day_closed_whole CHECK ((closed_at IS NULL) = (entries IS NULL)
        AND (closed_at IS NULL) = (last IS NULL) AND (closed_at IS NULL) = (signature IS NULL)),
    CONSTRAINT audit_day_dropped_whole CHECK ((dropped_at IS NULL) = (drop_signature IS NULL)
        AND (dropped_at IS NULL OR closed_at IS NOT NULL))
);
COMMENT ON TABLE audit_day IS 'A day of the audit trail''s chain; its head once it has ended.';
COMMENT ON COLUMN audit_day.day IS 'The day (UTC).';
COMMENT ON COLUMN audit_day.before IS 'The last hash of the day before; zeros on the first day.';
COMMENT ON COLUMN audit_day.entries IS 'How many entries it holds; nothing while it goes on.';
COMMENT ON COLUMN audit_day.last IS 'The hash of its last entry, or that with which it began.';
COMMENT ON COLUMN audit_day.signature IS 'Ed25519 over day, entries, last and before.';
COMMENT ON COLUMN audit_day.closed_at IS 'When its head was signed.';
COMMENT ON COLUMN audit_day.dropped_at IS 'When retention dropped its entries; the head stays.';
COMMENT ON COLUMN audit_day.drop_signature IS 'Ed25519 over the head and dropped_at, so that nobody else can say so.';

CREATE TABLE audit_key (
    id uuid CONSTRAINT audit_key_pkey PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE audit_key IS 'Keys that sign the audit trail''s chain, kept for ever.';
COMMENT ON COLUMN audit_key.id IS 'Identity.';
COMMENT ON COLUMN audit_key.public_key IS 'The public half (Ed25519), for whoever verifies.';
COMMENT ON COLUMN audit_key.sealed IS 'The private half, sealed.';
COMMENT ON COLUMN audit_key.created_at IS 'When it was made; the newest that can be opened signs.';
