-- Support access: staff inside a customer's tenant, for a reason and a time, with the customer's leave.

ALTER TABLE organization ADD COLUMN support_wish text NOT NULL DEFAULT 'approval'
    CONSTRAINT organization_support_wish_known CHECK (support_wish IN ('open', 'approval', 'never'));
COMMENT ON COLUMN organization.support_wish IS 'What it wants of support accesses to its tenants.';

CREATE TABLE support_access (
    id uuid CONSTRAINT support_access_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT support_access_tenant_fkey REFERENCES tenant ON DELETE CASCADE,
    requested_by text NOT NULL,
    requested_behind text NOT NULL,
    requester_name text NOT NULL,
    reason text NOT NULL,
    minutes integer NOT NULL CONSTRAINT support_access_minutes_positive CHECK (minutes > 0),
    break_glass boolean NOT NULL,
    state text NOT NULL CONSTRAINT support_access_state_known
        CHECK (state IN ('requested', 'approved', 'refused', 'open', 'ended', 'expired', 'revoked')),
    requested_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    note text,
    opened_at timestamptz,
    ends_at timestamptz,
    entries integer NOT NULL DEFAULT 0,
    over_at timestamptz,
    over_by text,
    close_after timestamptz,
    closed_at timestamptz,
    CONSTRAINT support_access_decision_has_author CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT support_access_open_has_end CHECK ((opened_at IS NULL) = (ends_at IS NULL)),
    CONSTRAINT support_access_over_has_author CHECK ((over_at IS NULL) = (over_by IS NULL)),
    CONSTRAINT support_access_over_when_over
        CHECK ((state IN ('ended', 'expired', 'revoked')) = (over_at IS NOT NULL))
);
CREATE UNIQUE INDEX support_access_one_each ON support_access (tenant_id, requested_by)
    WHERE state IN ('requested', 'approved', 'open');
CREATE INDEX support_access_by_tenant ON support_access (tenant_id, requested_at DESC, id);
CREATE INDEX support_access_live ON support_access (lapses_at) WHERE state IN ('requested', 'approved', 'open');
CREATE INDEX support_access_to_close ON support_access (over_at)
    WHERE opened_at IS NOT NULL AND over_at IS NOT NULL AND closed_at IS NULL;
COMMENT ON TABLE support_access IS 'Every support access that was asked for, with what became of it; the customer sees all of it.';
COMMENT ON COLUMN support_access.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN support_access.tenant_id IS 'The tenant that it is for.';
COMMENT ON COLUMN support_access.requested_by IS 'Who asked: a person or a key. Nobody else enters with it.';
COMMENT ON COLUMN support_access.requested_behind IS 'The person behind that, where a key asked; may not approve it.';
COMMENT ON COLUMN support_access.requester_name IS 'Their name at that time, for people.';
COMMENT ON COLUMN support_access.reason IS 'Why, in words for the customer.';
COMMENT ON COLUMN support_access.minutes IS 'How long it lasts from the first entry on, in minutes.';
COMMENT ON COLUMN support_access.break_glass IS 'Whether an owner of the staff opened it because nobody could be asked.';
COMMENT ON COLUMN support_access.state IS 'Where it stands.';
COMMENT ON COLUMN support_access.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN support_access.lapses_at IS 'Until when it waits for a decision and, once approved, for the first entry.';
COMMENT ON COLUMN support_access.decided_at IS 'When it was approved or refused.';
COMMENT ON COLUMN support_access.decided_by IS 'Who decided; system where the organization''s wish did.';
COMMENT ON COLUMN support_access.note IS 'What they said to it.';
COMMENT ON COLUMN support_access.opened_at IS 'When somebody first entered.';
COMMENT ON COLUMN support_access.ends_at IS 'When its time is over.';
COMMENT ON COLUMN support_access.entries IS 'How many links to enter were given.';
COMMENT ON COLUMN support_access.over_at IS 'When it ended, in whichever way.';
COMMENT ON COLUMN support_access.over_by IS 'Who ended it; system where its time or its reason was over.';
COMMENT ON COLUMN support_access.close_after IS 'Until when not to order the node again to end it.';
COMMENT ON COLUMN support_access.closed_at IS 'When the node confirmed that nobody is inside with it.';
