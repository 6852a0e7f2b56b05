-- The control plane's own durable work: a queue, sagas with their steps, schedules; the operator's switch of a tenant.

CREATE TABLE schedule (
    name text CONSTRAINT schedule_pkey PRIMARY KEY,
    kind text NOT NULL,
    rhythm text NOT NULL,
    time_zone text NOT NULL,
    is_reconciler boolean NOT NULL,
    next_run_at timestamptz NOT NULL,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_result jsonb,
    last_error text,
    last_error_at timestamptz,
    runs bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    failing_since timestamptz
);
COMMENT ON TABLE schedule IS 'What is done now and then by itself: reconcilers and other work by the clock.';
COMMENT ON COLUMN schedule.name IS 'Its name, for people and for the API.';
COMMENT ON COLUMN schedule.kind IS 'The kind of job that it enqueues.';
COMMENT ON COLUMN schedule.rhythm IS 'When: a cron pattern, or @every with seconds.';
COMMENT ON COLUMN schedule.time_zone IS 'The zone, IANA, in which a cron pattern is read.';
COMMENT ON COLUMN schedule.is_reconciler IS 'Whether it keeps something true, and is listed as such.';
COMMENT ON COLUMN schedule.next_run_at IS 'When it is enqueued next. However late that is done, it is done once.';
COMMENT ON COLUMN schedule.last_started_at IS 'When its last run began.';
COMMENT ON COLUMN schedule.last_finished_at IS 'When its last run ended, well or not.';
COMMENT ON COLUMN schedule.last_result IS 'What the last run that went well found.';
COMMENT ON COLUMN schedule.last_error IS 'Why a run went wrong, the last time that one did.';
COMMENT ON COLUMN schedule.last_error_at IS 'When that was.';
COMMENT ON COLUMN schedule.runs IS 'How many runs have ended.';
COMMENT ON COLUMN schedule.failures IS 'How many of them went wrong.';
COMMENT ON COLUMN schedule.failing_since IS 'Since when none went well; null while they do.';

CREATE TABLE job (
    id uuid CONSTRAINT job_pkey PRIMARY KEY,
    kind text NOT NULL,
    version integer NOT NULL CONSTRAINT job_version_positive CHECK (version > 0),
    arguments jsonb NOT NULL,
    status text NOT NULL CONSTRAINT job_status_known CHECK (status IN
        ('queued', 'running', 'waiting', 'succeeded', 'failed', 'dead', 'cancelled', 'abandoned')),
    priority smallint NOT NULL,
    run_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    most_tries integer NOT NULL CONSTRAINT job_most_tries_positive CHECK (most_tries > 0),
    lock_key text,
    holds_key boolean NOT NULL DEFAULT false,
    fence bigint NOT NULL DEFAULT 0,
    worker text,
    lease_until timestamptz,
    direction text NOT NULL DEFAULT 'forward' CONSTRAINT job_direction_known CHECK (direction IN ('forward', 'back')),
    cancel_reason text,
    failure_code text,
    failure_detail text,
    last_error text,
    result jsonb,
    operation_id uuid CONSTRAINT job_operation_fkey REFERENCES operation,
    schedule text CONSTRAINT job_schedule_fkey REFERENCES schedule ON DELETE SET NULL,
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT job_lease_while_running CHECK ((status = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT job_final_has_time CHECK ((status IN ('succeeded', 'failed', 'cancelled', 'abandoned')) = (finished_at IS NOT NULL))
);
CREATE INDEX job_due ON job (priority, run_at, id) WHERE status = 'queued';
CREATE INDEX job_leased ON job (lease_until) WHERE status = 'running';
CREATE UNIQUE INDEX job_key_held ON job (lock_key) WHERE holds_key;
CREATE UNIQUE INDEX job_of_operation ON job (operation_id) WHERE operation_id IS NOT NULL;
CREATE UNIQUE INDEX job_open_of_schedule ON job (schedule) WHERE schedule IS NOT NULL AND finished_at IS NULL;
CREATE INDEX job_by_finished_at ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_by_created_at ON job (created_at DESC, id DESC);
COMMENT ON TABLE job IS 'The control plane''s own work: written in the transaction that causes it, done at least once, by one worker at a time.';
COMMENT ON COLUMN job.id IS 'Identity, UUIDv7.';
COMMENT ON COLUMN job.kind IS 'What it does.';
COMMENT ON COLUMN job.version IS 'Which version of the kind''s code reads its arguments and steps; one that no server knows waits.';
COMMENT ON COLUMN job.arguments IS 'Identities of what it is about; no secrets and no data.';
COMMENT ON COLUMN job.status IS 'queued; running on a worker; waiting for a node''s outcome; succeeded; failed and undone; dead: gave up, a person decides; cancelled; abandoned.';
COMMENT ON COLUMN job.priority IS 'Lower goes first.';
COMMENT ON COLUMN job.run_at IS 'Not before this.';
COMMENT ON COLUMN job.tries IS 'How often it was begun since it last came forward.';
COMMENT ON COLUMN job.most_tries IS 'After so many it is dead.';
COMMENT ON COLUMN job.lock_key IS 'Of the jobs with one key, one is under way at a time.';
COMMENT ON COLUMN job.holds_key IS 'Whether it is the one: from its first beginning to its end.';
COMMENT ON COLUMN job.fence IS 'Grows with each worker that takes it; what a former one writes is refused.';
COMMENT ON COLUMN job.worker IS 'Who has it.';
COMMENT ON COLUMN job.lease_until IS 'Until when the worker has it without a sign of life, by the database''s clock.';
COMMENT ON COLUMN job.direction IS 'back: a saga undoes what it did.';
COMMENT ON COLUMN job.cancel_reason IS 'Why a person wants it undone.';
COMMENT ON COLUMN job.failure_code IS 'Why it failed or died, as a stable word.';
COMMENT ON COLUMN job.failure_detail IS 'Why it failed or died, for a person.';
COMMENT ON COLUMN job.last_error IS 'What went wrong at the last try.';
COMMENT ON COLUMN job.result IS 'What it found out.';
COMMENT ON COLUMN job.operation_id IS 'The operation that it does.';
COMMENT ON COLUMN job.schedule IS 'The schedule that enqueued it; one of its jobs at a time.';
COMMENT ON COLUMN job.requested_by IS 'Who caused it.';
COMMENT ON COLUMN job.created_at IS 'When it was enqueued.';
COMMENT ON COLUMN job.started_at IS 'When it was first begun.';
COMMENT ON COLUMN job.finished_at IS 'When it ended.';

CREATE TABLE saga_step (
    job_id uuid NOT NULL CONSTRAINT saga_step_job_fkey REFERENCES job ON DELETE CASCADE,
    position smallint NOT NULL,
    name text NOT NULL,
    status text NOT NULL CONSTRAINT saga_step_status_known CHECK (status IN
        ('running', 'waiting', 'done', 'failed', 'undoing', 'undo-waiting', 'undone')),
    tries integer NOT NULL DEFAULT 1,
    fence bigint NOT NULL,
    output jsonb,
    error text,
    parts jsonb NOT NULL DEFAULT '[]',
    answer jsonb,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT saga_step_pkey PRIMARY KEY (job_id, position)
);
COMMENT ON TABLE saga_step IS 'The steps of a saga that were begun, written down before each begins.';
COMMENT ON COLUMN saga_step.job_id IS 'The saga.';
COMMENT ON COLUMN saga_step.position IS 'Its place in the list, from 0.';
COMMENT ON COLUMN saga_step.name IS 'Its name.';
COMMENT ON COLUMN saga_step.status IS 'Where it stands; the waiting ones wait for a node.';
COMMENT ON COLUMN saga_step.tries IS 'How often it was begun, or begun to be undone.';
COMMENT ON COLUMN saga_step.fence IS 'The fencing number of the worker that wrote it last.';
COMMENT ON COLUMN saga_step.output IS 'What it gave; stored before the next begins.';
COMMENT ON COLUMN saga_step.error IS 'What went wrong at its last try.';
COMMENT ON COLUMN saga_step.parts IS 'Steps of the node''s command, as the node told them.';
COMMENT ON COLUMN saga_step.answer IS 'How the node''s command ended.';
COMMENT ON COLUMN saga_step.started_at IS 'When it was first begun.';
COMMENT ON COLUMN saga_step.finished_at IS 'When it was done, or undone.';

ALTER TABLE node_command
    ADD COLUMN job_id uuid CONSTRAINT node_command_job_fkey REFERENCES job ON DELETE SET NULL,
    ADD COLUMN job_step smallint;
CREATE INDEX node_command_by_job ON node_command (job_id) WHERE job_id IS NOT NULL;
COMMENT ON COLUMN node_command.job_id IS 'The saga that waits for its outcome; null where the operation itself does.';
COMMENT ON COLUMN node_command.job_step IS 'The step of the saga.';

ALTER TABLE operation DROP CONSTRAINT operation_bulk_has_no_node;
COMMENT ON COLUMN operation.node_id IS 'The node that does it; null where it is more than one, or none.';
CREATE INDEX operation_by_subject ON operation (subject, created_at DESC, id DESC);

ALTER TABLE tenant
    ADD COLUMN switch text NOT NULL DEFAULT 'active'
        CONSTRAINT tenant_switch_known CHECK (switch IN ('active', 'paused', 'stopped')),
    ADD COLUMN switch_reason text,
    ADD COLUMN switch_by text,
    ADD COLUMN switch_at timestamptz;
COMMENT ON COLUMN tenant.switch IS 'What the operator lets happen: active: everything; paused: nothing that nobody asked for; stopped: its commands wait.';
COMMENT ON COLUMN tenant.switch_reason IS 'The operator''s words on the switch.';
COMMENT ON COLUMN tenant.switch_by IS 'Who set the switch.';
COMMENT ON COLUMN tenant.switch_at IS 'When the switch was set.';
