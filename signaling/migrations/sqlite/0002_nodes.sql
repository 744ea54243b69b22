-- Several servers on one store.

-- The last versions: the batch that made each, so that a commit whose answer was lost is found again and not repeated; and
-- what it touched (see `store/touched.rs`), so that a server that is behind reads those rows and no others.
CREATE TABLE commits (
    version INTEGER PRIMARY KEY NOT NULL,
    batch   BLOB NOT NULL UNIQUE,
    node    BLOB NOT NULL,
    touched BLOB NOT NULL
) STRICT;

-- The servers that are up. Each counts its beats; one that counts no more is gone. No clock is compared with another.
CREATE TABLE nodes (
    id    BLOB PRIMARY KEY NOT NULL,
    beats INTEGER NOT NULL
) STRICT;

-- Whose socket is open, and at which server.
CREATE TABLE attendance (
    participant BLOB PRIMARY KEY NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner')),
    node        BLOB NOT NULL
) STRICT;

CREATE INDEX attendance_by_node ON attendance (node);
