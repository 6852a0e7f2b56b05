-- When backups are taken by the clock is said for a plan or a tenant, in place of everywhere alike.

ALTER TABLE plan
    ADD COLUMN backup_every_hours smallint CONSTRAINT plan_backup_every_hours_range CHECK (backup_every_hours BETWEEN 0 AND 720),
    ADD COLUMN backup_opens_hour smallint CONSTRAINT plan_backup_opens_hour_range CHECK (backup_opens_hour BETWEEN 0 AND 23);
COMMENT ON COLUMN plan.backup_every_hours IS 'Hours from one backup to the next; 0 takes none by the clock; null is as the setting says.';
COMMENT ON COLUMN plan.backup_opens_hour IS 'The hour (UTC) at which backups begin to be taken; null is as the setting says.';

ALTER TABLE tenant
    ADD COLUMN backup_every_hours smallint CONSTRAINT tenant_backup_every_hours_range CHECK (backup_every_hours BETWEEN 0 AND 720),
    ADD COLUMN backup_opens_hour smallint CONSTRAINT tenant_backup_opens_hour_range CHECK (backup_opens_hour BETWEEN 0 AND 23);
COMMENT ON COLUMN tenant.backup_every_hours IS 'Hours from one backup to the next; 0 takes none by the clock; null is as the plan says.';
COMMENT ON COLUMN tenant.backup_opens_hour IS 'The hour (UTC) at which backups begin to be taken; null is as the plan says.';
