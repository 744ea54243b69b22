-- What goes out to other systems.

-- What happened, in order, as it is sent: codes and ids, nothing that anybody wrote. Written with the batch that it follows
-- from.
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id       TEXT NOT NULL UNIQUE,
    visit    BLOB NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_by_time ON outbox (at);

-- Where it is sent. `kinds` has a space before and behind each name of an event; empty stands for all.
CREATE TABLE webhooks (
    id         TEXT PRIMARY KEY NOT NULL,
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,
    kinds      TEXT NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- What is to be sent to whom, and what became of it. A server that sends one holds a lease on it.
CREATE TABLE deliveries (
    webhook      TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event        INTEGER NOT NULL REFERENCES outbox (sequence) ON DELETE CASCADE,
    visit        BLOB NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('due', 'delivered', 'failed')),
    attempts     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    leased_by    BLOB,
    leased_until INTEGER NOT NULL,
    answer       TEXT,
    PRIMARY KEY (webhook, event)
) STRICT;

CREATE INDEX deliveries_by_state ON deliveries (webhook, state, event);
CREATE INDEX deliveries_by_visit ON deliveries (webhook, visit, event) WHERE state = 'due';
CREATE INDEX deliveries_by_event ON deliveries (event);
