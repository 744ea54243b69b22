-- Open to others: who is known how surely, what is sealed beside personal data, by what key a store is known.

-- How surely it is known whose a session is, as its token claimed.
ALTER TABLE sessions ADD COLUMN level TEXT NOT NULL DEFAULT 'link'
    CHECK (level IN ('link', 'code', 'low', 'substantial', 'high'));

-- By which the notes of a visit are found.
CREATE INDEX writings_by_visit ON writings (visit, kind);

-- What webhooks are signed with, sealed (AES-256-GCM) under the server's key for that webhook alone. Webhooks whose secrets
-- lay here unsealed are gone.
DELETE FROM webhooks;
ALTER TABLE webhooks DROP COLUMN secret;
ALTER TABLE webhooks ADD COLUMN secret BYTEA NOT NULL DEFAULT '';

-- The public half of the key that links are signed with: whoever serves this store has the same.
ALTER TABLE clinic ADD COLUMN token_key BYTEA;
