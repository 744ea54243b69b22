-- Other systems.

-- Their keys, each by its SHA-256. Scopes are words with a space between; `system` is the name in which it answers gates.
CREATE TABLE api_keys (
    id         BYTEA PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    system     TEXT,
    scopes     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    revoked_at BIGINT
);

-- What was answered to writes, under the name that each was given, so that one that is repeated is not done twice.
CREATE TABLE api_answers (
    api_key  BYTEA NOT NULL,
    name     TEXT NOT NULL,
    -- SHA-256 of what was asked.
    request  BYTEA NOT NULL,
    status   BIGINT NOT NULL,
    location TEXT,
    body     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (api_key, name)
);

CREATE INDEX api_answers_by_time ON api_answers (at);

-- The rank of a consultation's end among the clinic's, by which receipts are read in order.
ALTER TABLE consultations ADD COLUMN end_number BIGINT;
UPDATE consultations SET end_number = (body::json #>> '{ended,number}')::bigint;
CREATE INDEX consultations_by_end ON consultations (end_number);
