-- Personal data under a key for each patient, and what is kept beyond a visit.

-- The key of each patient, wrapped under the server's key. Destroyed, everything sealed under it is gone.
CREATE TABLE patient_keys (
    patient BLOB PRIMARY KEY NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;

-- Something sealed under the server's key, by which it is known again.
CREATE TABLE vault (
    id    INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    proof BLOB NOT NULL
) STRICT;

-- What people wrote, sealed (AES-256-GCM) under their patient's key. What lay here unsealed is gone.
DROP TABLE personal;

CREATE TABLE personal (
    visit BLOB PRIMARY KEY NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    body  BLOB NOT NULL
) STRICT;

CREATE INDEX visits_by_patient ON visits (patient);

-- The last line of the audit log that is not kept any more: the chain goes on from it.
CREATE TABLE audit_base (
    id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    sequence INTEGER NOT NULL,
    hash     BLOB NOT NULL
) STRICT;
