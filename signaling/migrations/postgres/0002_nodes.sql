-- Several servers on one store.

-- The last versions: the batch that made each, so that a commit whose answer was lost is found again and not repeated; and
-- what it touched (see `store/touched.rs`), so that a server that is behind reads those rows and no others.
CREATE TABLE commits (
    version BIGINT PRIMARY KEY,
    batch   BYTEA NOT NULL UNIQUE,
    node    BYTEA NOT NULL,
    touched BYTEA NOT NULL
);

-- The servers that are up. Each counts its beats; one that counts no more is gone. No clock is compared with another.
CREATE TABLE nodes (
    id    BYTEA PRIMARY KEY,
    beats BIGINT NOT NULL
);

-- Whose socket is open, and at which server.
CREATE TABLE attendance (
    participant BYTEA PRIMARY KEY,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner')),
    node        BYTEA NOT NULL
);

CREATE INDEX attendance_by_node ON attendance (node);
