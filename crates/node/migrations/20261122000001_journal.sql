-- The node's own memory: what it was told, how far it is, which databases are its own.

CREATE TABLE command (
    id uuid CONSTRAINT command_pk PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL CONSTRAINT command_state CHECK (state IN ('running', 'undoing', 'done', 'failed', 'interrupted')),
    steps jsonb NOT NULL DEFAULT '[]',
    intents jsonb NOT NULL,
    result jsonb,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT command_finished CHECK ((state IN ('done', 'failed')) = (result IS NOT NULL))
);
CREATE INDEX command_open ON command (state) WHERE state IN ('running', 'undoing');
COMMENT ON TABLE command IS 'Orders of the server, written down before their first effect. Never holds a secret.';
COMMENT ON COLUMN command.id IS 'The command''s identity, given by the server.';
COMMENT ON COLUMN command.kind IS 'The order''s kind, such as create-tenant.';
COMMENT ON COLUMN command.subject IS 'What orders are serialised by: a tenant''s id or a template''s name.';
COMMENT ON COLUMN command.state IS 'interrupted: cut off by the agent''s end and undone; it is done afresh when it is delivered again.';
COMMENT ON COLUMN command.steps IS 'The steps so far. A step is written down before its first effect.';
COMMENT ON COLUMN command.intents IS 'What undoing needs to know.';
COMMENT ON COLUMN command.result IS 'What the server is told, again and again if it asks.';
COMMENT ON COLUMN command.started_at IS 'When the node took it.';
COMMENT ON COLUMN command.finished_at IS 'When it was done, or undone.';

CREATE TABLE managed_database (
    name text CONSTRAINT managed_database_pk PRIMARY KEY,
    oid bigint CONSTRAINT managed_database_oid UNIQUE,
    subject text NOT NULL,
    standing text NOT NULL CONSTRAINT managed_database_standing
        CHECK (standing IN ('building', 'open', 'suspended', 'maintenance', 'tombstone', 'template', 'replaced')),
    former text,
    generation bigint NOT NULL DEFAULT 0,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX managed_database_subject ON managed_database (subject) WHERE standing NOT IN ('building', 'replaced');
COMMENT ON TABLE managed_database IS 'The databases that the node may touch. What is not listed here is never changed, listed or dropped.';
COMMENT ON COLUMN managed_database.name IS 'The database''s name, changed in the transaction that renames it.';
COMMENT ON COLUMN managed_database.oid IS 'Its number in pg_database: another database of the same name is not ours. Null until it is made.';
COMMENT ON COLUMN managed_database.subject IS 'A tenant''s id or a template''s name.';
COMMENT ON COLUMN managed_database.standing IS 'Only an open database belongs to Odoo''s role.';
COMMENT ON COLUMN managed_database.former IS 'A tombstone''s name in life.';
COMMENT ON COLUMN managed_database.generation IS 'The newest generation of the tenant that an order carried; older orders are refused.';
COMMENT ON COLUMN managed_database.created_by IS 'The command that made it.';
COMMENT ON COLUMN managed_database.created_at IS 'When it was made.';
