-- When an attempt was last answered, or failed: what a webhook answered last is the answer with the latest moment.
ALTER TABLE deliveries ADD COLUMN answered_at BIGINT;
