-- Personal data under a key for each patient, and what is kept beyond a visit.

-- The key of each patient, wrapped under the server's key. Destroyed, everything sealed under it is gone.
CREATE TABLE patient_keys (
    patient BYTEA PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

-- Something sealed under the server's key, by which it is known again.
CREATE TABLE vault (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    proof BYTEA NOT NULL
);

-- What people wrote, sealed (AES-256-GCM) under their patient's key. What lay here unsealed is gone.
DROP TABLE personal;

CREATE TABLE personal (
    visit BYTEA PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    body  BYTEA NOT NULL
);

CREATE INDEX visits_by_patient ON visits (patient);

-- The last line of the audit log that is not kept any more: the chain goes on from it.
CREATE TABLE audit_base (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash     BYTEA NOT NULL
);
