-- Other systems.

-- Their keys, each by its SHA-256. Scopes are words with a space between; `system` is the name in which it answers gates.
CREATE TABLE api_keys (
    id         BLOB PRIMARY KEY NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    system     TEXT,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    revoked_at INTEGER
) STRICT;

-- What was answered to writes, under the name that each was given, so that one that is repeated is not done twice.
CREATE TABLE api_answers (
    api_key  BLOB NOT NULL,
    name     TEXT NOT NULL,
    -- SHA-256 of what was asked.
    request  BLOB NOT NULL,
    status   INTEGER NOT NULL,
    location TEXT,
    body     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (api_key, name)
) STRICT;

CREATE INDEX api_answers_by_time ON api_answers (at);

-- The rank of a consultation's end among the clinic's, by which receipts are read in order.
ALTER TABLE consultations ADD COLUMN end_number INTEGER;
UPDATE consultations SET end_number = body ->> '$.ended.number';
CREATE INDEX consultations_by_end ON consultations (end_number);
