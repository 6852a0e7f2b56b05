-- The front door: what operators set while the program runs, what the door refused, and the keys that secrets are sealed with.

CREATE TABLE setting (
    key text CONSTRAINT setting_pkey PRIMARY KEY,
    value jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
COMMENT ON TABLE setting IS 'Settings that differ from their defaults. Their types, bounds and defaults stand in the program.';
COMMENT ON COLUMN setting.key IS 'Its name, category.word.';
COMMENT ON COLUMN setting.value IS 'Its value as the API shows it.';
COMMENT ON COLUMN setting.changed_at IS 'When it was set.';
COMMENT ON COLUMN setting.changed_by IS 'Who set it.';

CREATE TABLE setting_change (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT setting_change_pkey PRIMARY KEY,
    key text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    request_id text,
    before jsonb,
    after jsonb
);
CREATE INDEX setting_change_of ON setting_change (key, id);
COMMENT ON TABLE setting_change IS 'Every change of a setting, for ever.';
COMMENT ON COLUMN setting_change.id IS 'Order of the changes.';
COMMENT ON COLUMN setting_change.key IS 'The setting.';
COMMENT ON COLUMN setting_change.at IS 'When.';
COMMENT ON COLUMN setting_change.actor IS 'Who.';
COMMENT ON COLUMN setting_change.request_id IS 'The request that asked for it.';
COMMENT ON COLUMN setting_change.before IS 'The value that was set before; null where the default held.';
COMMENT ON COLUMN setting_change.after IS 'The value that was set; null where it went back to the default.';

CREATE TABLE security_block (
    id uuid CONSTRAINT security_block_pkey PRIMARY KEY,
    rule text NOT NULL,
    address inet NOT NULL,
    refused boolean NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    agent text NOT NULL,
    request_id text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count bigint NOT NULL CONSTRAINT security_block_count_positive CHECK (count > 0),
    lifted_until timestamptz,
    lifted_by text
);
CREATE INDEX security_block_newest ON security_block (last_at DESC, id);
CREATE INDEX security_block_lifted ON security_block (lifted_until) WHERE lifted_until IS NOT NULL;
COMMENT ON TABLE security_block IS 'What the front door found: one row for each rule and address, the oldest forgotten when there are too many.';
COMMENT ON COLUMN security_block.id IS 'Follows from rule, address and the server''s key, so that every replica has the same one.';
COMMENT ON COLUMN security_block.rule IS 'The rule that was broken.';
COMMENT ON COLUMN security_block.address IS 'The client''s address.';
COMMENT ON COLUMN security_block.refused IS 'Whether the newest request was refused, or only reported.';
COMMENT ON COLUMN security_block.method IS 'The newest request''s method.';
COMMENT ON COLUMN security_block.path IS 'The newest request''s path, cut short, without its query.';
COMMENT ON COLUMN security_block.agent IS 'What the newest request''s program calls itself, cut short.';
COMMENT ON COLUMN security_block.request_id IS 'The newest request.';
COMMENT ON COLUMN security_block.first_at IS 'When it was first found.';
COMMENT ON COLUMN security_block.last_at IS 'When it was last found.';
COMMENT ON COLUMN security_block.count IS 'How often it was found.';
COMMENT ON COLUMN security_block.lifted_until IS 'Until when the rule is not applied to the address; null unless staff lifted it.';
COMMENT ON COLUMN security_block.lifted_by IS 'Who lifted it.';

CREATE TABLE data_key (
    id uuid CONSTRAINT data_key_pkey PRIMARY KEY,
    sealed bytea NOT NULL,
    wrapped_by bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE UNIQUE INDEX data_key_in_use ON data_key ((true)) WHERE retired_at IS NULL;
COMMENT ON TABLE data_key IS 'Keys that secrets are sealed with, each sealed itself by the server''s key, which is in no database.';
COMMENT ON COLUMN data_key.id IS 'Identity; every sealed value names it.';
COMMENT ON COLUMN data_key.sealed IS 'The key, encrypted with the server''s key.';
COMMENT ON COLUMN data_key.wrapped_by IS 'Which server''s key opens it: a fingerprint that says nothing about the key.';
COMMENT ON COLUMN data_key.created_at IS 'When it was made.';
COMMENT ON COLUMN data_key.retired_at IS 'From when on nothing new is sealed with it; null for the one in use.';
