-- A tenant's links go with it; without an index every purge and every failed creation reads all links.
CREATE INDEX one_time_link_by_tenant ON one_time_link (tenant_id);
