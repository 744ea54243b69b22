-- What is kept of patients beyond their visits.

-- The regular practitioner of each patient who has one, until somebody says otherwise.
CREATE TABLE regulars (
    patient      BLOB PRIMARY KEY NOT NULL,
    practitioner BLOB NOT NULL REFERENCES practitioners (id)
) STRICT;

-- Patients who were erased, for good: their ids lead to nobody, and none of them begins anything again.
CREATE TABLE erased (
    patient BLOB PRIMARY KEY NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
