-- What has not ended is counted without looking at what has.

CREATE INDEX operation_open ON operation (state) WHERE state IN ('queued', 'running');
