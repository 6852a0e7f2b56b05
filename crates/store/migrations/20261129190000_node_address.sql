-- Where a node is seen to be.
ALTER TABLE node ADD COLUMN address text;
COMMENT ON COLUMN node.address IS 'Address from which it last greeted the server; behind a router it is the router''s.';
