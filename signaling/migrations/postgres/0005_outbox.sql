-- What goes out to other systems.

-- What happened, in order, as it is sent: codes and ids, nothing that anybody wrote. Written with the batch that it follows
-- from.
CREATE TABLE outbox (
    sequence BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id       TEXT NOT NULL UNIQUE,
    visit    BYTEA NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL
);

CREATE INDEX outbox_by_time ON outbox (at);

-- Where it is sent. `kinds` has a space before and behind each name of an event; empty stands for all.
CREATE TABLE webhooks (
    id         TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,
    kinds      TEXT NOT NULL,
    enabled    BIGINT NOT NULL CHECK (enabled IN (0, 1)),
    created_at BIGINT NOT NULL
);

-- What is to be sent to whom, and what became of it. A server that sends one holds a lease on it.
CREATE TABLE deliveries (
    webhook      TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event        BIGINT NOT NULL REFERENCES outbox (sequence) ON DELETE CASCADE,
    visit        BYTEA NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('due', 'delivered', 'failed')),
    attempts     BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    leased_by    BYTEA,
    leased_until BIGINT NOT NULL,
    answer       TEXT,
    PRIMARY KEY (webhook, event)
);

CREATE INDEX deliveries_by_state ON deliveries (webhook, state, event);
CREATE INDEX deliveries_by_visit ON deliveries (webhook, visit, event) WHERE state = 'due';
CREATE INDEX deliveries_by_event ON deliveries (event);
