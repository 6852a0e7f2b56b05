-- Rules that were changed hold for what is there, and not only for tenants with a new backup.
ALTER TABLE backup_store ADD COLUMN retention_at timestamptz;
COMMENT ON COLUMN backup_store.retention_at IS 'When its retention was last changed; nothing since it was added.';

-- With a node that is taken out goes what lay in its folder.
UPDATE backup b SET state = CASE WHEN b.state IN ('taking', 'failed') THEN 'failed' ELSE 'forgotten' END,
    ended_at = coalesce(b.ended_at, n.removed_at), cleared_at = n.removed_at
FROM backup_store s, node n
WHERE s.id = b.store_id AND n.id = b.node_id AND n.removed_at IS NOT NULL AND s.access ->> 'kind' = 'folder' AND b.cleared_at IS NULL;
