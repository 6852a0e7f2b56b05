-- The control plane's truth: what was promised to whom, what is being done, who may ask.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE product (
    name text CONSTRAINT product_pkey PRIMARY KEY,
    display_name text NOT NULL,
    driver text NOT NULL
);
COMMENT ON TABLE product IS 'What is sold.';
COMMENT ON COLUMN product.name IS 'Stable name in the API.';
COMMENT ON COLUMN product.display_name IS 'Name for people.';
COMMENT ON COLUMN product.driver IS 'Which driver of the node provisions it.';
INSERT INTO product VALUES ('odoo', 'Odoo', 'odoo');

CREATE TABLE plan (
    name text CONSTRAINT plan_pkey PRIMARY KEY,
    display_name text NOT NULL,
    max_users integer CONSTRAINT plan_max_users_positive CHECK (max_users > 0),
    max_storage_bytes bigint CONSTRAINT plan_max_storage_positive CHECK (max_storage_bytes > 0),
    position integer NOT NULL
);
COMMENT ON TABLE plan IS 'Prices and limits by name. Null is no limit.';
COMMENT ON COLUMN plan.name IS 'Stable name in the API.';
COMMENT ON COLUMN plan.display_name IS 'Name for people.';
COMMENT ON COLUMN plan.max_users IS 'How many users a tenant may have.';
COMMENT ON COLUMN plan.max_storage_bytes IS 'How much database and filestore may hold together.';
COMMENT ON COLUMN plan.position IS 'Order in lists.';
INSERT INTO plan VALUES
    ('free', 'Free', 1, 1073741824, 1), ('starter', 'Starter', 3, 5368709120, 2),
    ('basic', 'Basic', 5, 10737418240, 3), ('pro', 'Pro', 20, 53687091200, 4),
    ('business', 'Business', 50, 107374182400, 5), ('enterprise', 'Enterprise', NULL, NULL, 6),
    ('lifetime', 'Lifetime', 10, 21474836480, 7);

CREATE TABLE api_key (
    id uuid CONSTRAINT api_key_pkey PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL CONSTRAINT api_key_hash_key UNIQUE,
    scope text NOT NULL CONSTRAINT api_key_scope_known CHECK (scope IN ('full', 'read-only')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX api_key_name_in_force ON api_key (name) WHERE revoked_at IS NULL;
COMMENT ON TABLE api_key IS 'Keys of machines and of the CLI. Only the hash is kept.';
COMMENT ON COLUMN api_key.id IS 'Public identity, UUIDv7.';
COMMENT ON COLUMN api_key.name IS 'What it is for; unique among the keys in force.';
COMMENT ON COLUMN api_key.prefix IS 'First characters of the key, to recognize it by.';
COMMENT ON COLUMN api_key.hash IS 'SHA-256 of the key, which is 256 random bits.';
COMMENT ON COLUMN api_key.scope IS 'What the key may do.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'When it ends by itself; null is never.';
COMMENT ON COLUMN api_key.last_used_at IS 'When it was last used, to the minute.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was revoked.';

CREATE TABLE node (
    id uuid CONSTRAINT node_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT node_name_key UNIQUE,
    domain text NOT NULL,
    address_pattern text NOT NULL,
    credential_hash bytea NOT NULL CONSTRAINT node_credential_key UNIQUE,
    version text NOT NULL,
    enrolled_at timestamptz NOT NULL,
    last_seen_at timestamptz
);
COMMENT ON TABLE node IS 'Servers that run products. Each dialled in and enrolled itself.';
COMMENT ON COLUMN node.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN node.name IS 'Name for people.';
COMMENT ON COLUMN node.domain IS 'Domain under which it serves tenants.';
COMMENT ON COLUMN node.address_pattern IS 'Address of a tenant, with * for the host label.';
COMMENT ON COLUMN node.credential_hash IS 'SHA-256 of the credential that the node sends.';
COMMENT ON COLUMN node.version IS 'Version of its agent, as last said.';
COMMENT ON COLUMN node.enrolled_at IS 'When it enrolled.';
COMMENT ON COLUMN node.last_seen_at IS 'When it last asked for commands.';

CREATE TABLE enrolment_token (
    hash bytea CONSTRAINT enrolment_token_pkey PRIMARY KEY,
    node_name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE enrolment_token IS 'One-time tokens with which a node enrols itself.';
COMMENT ON COLUMN enrolment_token.hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN enrolment_token.node_name IS 'The name that the node will have.';
COMMENT ON COLUMN enrolment_token.created_at IS 'When it was made.';
COMMENT ON COLUMN enrolment_token.expires_at IS 'When it ends.';
COMMENT ON COLUMN enrolment_token.used_at IS 'When a node used it.';

CREATE TABLE template (
    id uuid CONSTRAINT template_pkey PRIMARY KEY,
    node_id uuid NOT NULL CONSTRAINT template_node_fkey REFERENCES node,
    name text NOT NULL,
    product text NOT NULL CONSTRAINT template_product_fkey REFERENCES product,
    state text NOT NULL CONSTRAINT template_state_known CHECK (state IN ('building', 'ready', 'failed')),
    odoo_version text,
    modules text[] NOT NULL,
    languages text[] NOT NULL,
    size_bytes bigint,
    built_at timestamptz,
    operation_id uuid,
    CONSTRAINT template_name_on_node UNIQUE (node_id, name)
);
COMMENT ON TABLE template IS 'Prepared databases that tenants are cloned from, per node.';
COMMENT ON COLUMN template.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN template.node_id IS 'The node that holds it.';
COMMENT ON COLUMN template.name IS 'Its name and its database''s.';
COMMENT ON COLUMN template.product IS 'The product that it is of.';
COMMENT ON COLUMN template.state IS 'building: cannot be cloned yet; ready; failed: the last build failed and there is none before it.';
COMMENT ON COLUMN template.odoo_version IS 'Version of the program that built it.';
COMMENT ON COLUMN template.modules IS 'Modules asked for.';
COMMENT ON COLUMN template.languages IS 'Languages installed.';
COMMENT ON COLUMN template.size_bytes IS 'Size of its database.';
COMMENT ON COLUMN template.built_at IS 'When it was last built.';
COMMENT ON COLUMN template.operation_id IS 'The build under way.';

CREATE TABLE tenant (
    id uuid CONSTRAINT tenant_pkey PRIMARY KEY,
    subdomain text NOT NULL,
    database_name text NOT NULL CONSTRAINT tenant_database_key UNIQUE,
    host_label text NOT NULL CONSTRAINT tenant_host_label_key UNIQUE,
    company_name text NOT NULL,
    admin_email text NOT NULL,
    plan text NOT NULL CONSTRAINT tenant_plan_fkey REFERENCES plan,
    product text NOT NULL CONSTRAINT tenant_product_fkey REFERENCES product,
    node_id uuid NOT NULL CONSTRAINT tenant_node_fkey REFERENCES node,
    template text NOT NULL,
    state text NOT NULL CONSTRAINT tenant_state_known CHECK (state IN
        ('provisioning', 'active', 'paused', 'suspended', 'cancelled', 'deleted', 'failed')),
    suspension_reasons text[] NOT NULL DEFAULT '{}',
    suspension_note text,
    generation bigint NOT NULL,
    operation_id uuid,
    language text NOT NULL,
    country text,
    timezone text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    purge_after timestamptz,
    search_text text NOT NULL GENERATED ALWAYS AS
        (lower(subdomain || ' ' || company_name || ' ' || admin_email)) STORED,
    CONSTRAINT tenant_deleted_has_times CHECK ((state = 'deleted') = (deleted_at IS NOT NULL)
        AND (deleted_at IS NULL) = (purge_after IS NULL))
);
CREATE INDEX tenant_by_created_at ON tenant (created_at, id);
CREATE INDEX tenant_by_subdomain ON tenant (subdomain, id);
CREATE INDEX tenant_by_company_name ON tenant (company_name, id);
CREATE INDEX tenant_by_node ON tenant (node_id);
CREATE INDEX tenant_search ON tenant USING gin (search_text gin_trgm_ops);
COMMENT ON TABLE tenant IS 'Customers'' instances. A row exists from the promise to the purge; a failed creation leaves none.';
COMMENT ON COLUMN tenant.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN tenant.subdomain IS 'The name as the customer wrote it.';
COMMENT ON COLUMN tenant.database_name IS 'Its database: the subdomain with - as _.';
COMMENT ON COLUMN tenant.host_label IS 'Its host''s first label: the subdomain with _ as -.';
COMMENT ON COLUMN tenant.company_name IS 'The customer''s company.';
COMMENT ON COLUMN tenant.admin_email IS 'The administrator''s address as registered.';
COMMENT ON COLUMN tenant.plan IS 'The plan in force.';
COMMENT ON COLUMN tenant.product IS 'What was bought.';
COMMENT ON COLUMN tenant.node_id IS 'Where it lives.';
COMMENT ON COLUMN tenant.template IS 'Name of the template that it was cloned from.';
COMMENT ON COLUMN tenant.state IS 'State as last confirmed by the node.';
COMMENT ON COLUMN tenant.suspension_reasons IS 'Why it is suspended: unpaid, manual, abuse, quota.';
COMMENT ON COLUMN tenant.suspension_note IS 'The operator''s words on it.';
COMMENT ON COLUMN tenant.generation IS 'Grows with every order to the node; a node refuses older ones.';
COMMENT ON COLUMN tenant.operation_id IS 'The operation under way; one at a time.';
COMMENT ON COLUMN tenant.language IS 'The administrator''s language as asked for.';
COMMENT ON COLUMN tenant.country IS 'The company''s country, ISO 3166-1.';
COMMENT ON COLUMN tenant.timezone IS 'The administrator''s time zone, IANA.';
COMMENT ON COLUMN tenant.created_at IS 'When it was asked for.';
COMMENT ON COLUMN tenant.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN tenant.deleted_at IS 'When it became a tombstone.';
COMMENT ON COLUMN tenant.purge_after IS 'When the tombstone may be dumped and dropped.';
COMMENT ON COLUMN tenant.search_text IS 'What the list''s search looks in.';

CREATE TABLE name_reservation (
    database_name text CONSTRAINT name_reservation_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT name_reservation_tenant_fkey REFERENCES tenant
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX name_reservation_by_tenant ON name_reservation (tenant_id);
COMMENT ON TABLE name_reservation IS 'Every name in use: a tenant''s own, and during a rename the new one too.';
COMMENT ON COLUMN name_reservation.database_name IS 'The name in its database form, which stands for all spellings.';
COMMENT ON COLUMN name_reservation.tenant_id IS 'Who holds it.';

CREATE TABLE operation (
    id uuid CONSTRAINT operation_pkey PRIMARY KEY,
    kind text NOT NULL,
    state text NOT NULL CONSTRAINT operation_state_known CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    tenant_id uuid,
    subject text NOT NULL,
    intent jsonb NOT NULL,
    node_id uuid NOT NULL CONSTRAINT operation_node_fkey REFERENCES node,
    requested_by text NOT NULL,
    idempotency_key text,
    request_hash bytea,
    steps jsonb NOT NULL DEFAULT '[]',
    failure_code text,
    failure_detail text,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT operation_final_has_time CHECK ((state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT operation_failed_has_reason CHECK ((state = 'failed') = (failure_code IS NOT NULL))
);
CREATE UNIQUE INDEX operation_idempotency ON operation (requested_by, idempotency_key);
CREATE INDEX operation_by_created_at ON operation (created_at DESC, id DESC);
CREATE INDEX operation_by_tenant ON operation (tenant_id);
COMMENT ON TABLE operation IS 'Durable pieces of work, kept as history when they have ended.';
COMMENT ON COLUMN operation.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN operation.kind IS 'What it does, such as tenant.create.';
COMMENT ON COLUMN operation.state IS 'Where it stands.';
COMMENT ON COLUMN operation.tenant_id IS 'The tenant, whose row may be gone by now.';
COMMENT ON COLUMN operation.subject IS 'The subdomain or the template''s name when it was asked for.';
COMMENT ON COLUMN operation.intent IS 'What success changes in the control database; no secrets.';
COMMENT ON COLUMN operation.node_id IS 'The node that does it.';
COMMENT ON COLUMN operation.requested_by IS 'Who asked: an API key''s id, or system.';
COMMENT ON COLUMN operation.idempotency_key IS 'The caller''s Idempotency-Key.';
COMMENT ON COLUMN operation.request_hash IS 'Keyed hash of the request, to tell a repeated one from another with the same key.';
COMMENT ON COLUMN operation.steps IS 'Its steps as the node told them.';
COMMENT ON COLUMN operation.failure_code IS 'Why it failed, as a stable word.';
COMMENT ON COLUMN operation.failure_detail IS 'Why it failed, for a person.';
COMMENT ON COLUMN operation.created_at IS 'When it was asked for.';
COMMENT ON COLUMN operation.started_at IS 'When the node took it.';
COMMENT ON COLUMN operation.finished_at IS 'When it ended.';

CREATE TABLE node_command (
    id uuid CONSTRAINT node_command_pkey PRIMARY KEY,
    node_id uuid NOT NULL CONSTRAINT node_command_node_fkey REFERENCES node,
    operation_id uuid NOT NULL CONSTRAINT node_command_operation_fkey REFERENCES operation,
    generation bigint NOT NULL,
    payload jsonb NOT NULL,
    sealed bytea,
    state text NOT NULL CONSTRAINT node_command_state_known CHECK (state IN ('queued', 'delivered', 'done')),
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    deliveries integer NOT NULL DEFAULT 0,
    finished_at timestamptz
);
CREATE INDEX node_command_open ON node_command (node_id, created_at, id) WHERE state <> 'done';
COMMENT ON TABLE node_command IS 'Orders to nodes, written in the transaction that decides them.';
COMMENT ON COLUMN node_command.id IS 'Identity, UUIDv7; the node applies each at most once.';
COMMENT ON COLUMN node_command.node_id IS 'Who is to do it.';
COMMENT ON COLUMN node_command.operation_id IS 'The operation that it belongs to.';
COMMENT ON COLUMN node_command.generation IS 'The tenant''s generation when it was decided.';
COMMENT ON COLUMN node_command.payload IS 'The order without its secrets.';
COMMENT ON COLUMN node_command.sealed IS 'The order''s secret, encrypted with the server''s key; emptied when done.';
COMMENT ON COLUMN node_command.state IS 'queued, delivered to the node, or done.';
COMMENT ON COLUMN node_command.created_at IS 'When it was decided.';
COMMENT ON COLUMN node_command.delivered_at IS 'When the node last got it.';
COMMENT ON COLUMN node_command.deliveries IS 'How often it was delivered; more than once after a lost answer or a restart.';
COMMENT ON COLUMN node_command.finished_at IS 'When its outcome came.';

CREATE TABLE one_time_link (
    hash bytea CONSTRAINT one_time_link_pkey PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT one_time_link_purpose_known CHECK (purpose IN ('owner', 'set-password')),
    tenant_id uuid CONSTRAINT one_time_link_tenant_fkey REFERENCES tenant ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE one_time_link IS 'Links that work once.';
COMMENT ON COLUMN one_time_link.hash IS 'SHA-256 of the token in the link.';
COMMENT ON COLUMN one_time_link.purpose IS 'What it opens.';
COMMENT ON COLUMN one_time_link.tenant_id IS 'The tenant that it is for.';
COMMENT ON COLUMN one_time_link.created_at IS 'When it was made.';
COMMENT ON COLUMN one_time_link.expires_at IS 'When it ends.';
COMMENT ON COLUMN one_time_link.used_at IS 'When it was used.';

CREATE TABLE audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_entry_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    operation_id uuid,
    request_id text,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entry_by_at ON audit_entry (at);
COMMENT ON TABLE audit_entry IS 'Who changed what, written in the transaction of the change.';
COMMENT ON COLUMN audit_entry.id IS 'Order of the entries.';
COMMENT ON COLUMN audit_entry.at IS 'When.';
COMMENT ON COLUMN audit_entry.actor IS 'Who: an API key''s id, a node''s id, or system.';
COMMENT ON COLUMN audit_entry.action IS 'What, as a stable word such as tenant.create.';
COMMENT ON COLUMN audit_entry.subject IS 'To what.';
COMMENT ON COLUMN audit_entry.operation_id IS 'The operation that does it.';
COMMENT ON COLUMN audit_entry.request_id IS 'The request that asked for it.';
COMMENT ON COLUMN audit_entry.detail IS 'More, without secrets.';
