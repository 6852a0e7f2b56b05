-- Visitors are told that a tenant's time has ended, too.

ALTER TABLE managed_database DROP CONSTRAINT managed_database_cause;
ALTER TABLE managed_database ADD CONSTRAINT managed_database_cause CHECK (cause IN ('unpaid', 'quota', 'expired'));
