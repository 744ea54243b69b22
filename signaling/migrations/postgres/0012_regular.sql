-- What is kept of patients beyond their visits.

-- The regular practitioner of each patient who has one, until somebody says otherwise.
CREATE TABLE regulars (
    patient      BYTEA PRIMARY KEY,
    practitioner BYTEA NOT NULL REFERENCES practitioners (id)
);

-- Patients who were erased, for good: their ids lead to nobody, and none of them begins anything again.
CREATE TABLE erased (
    patient BYTEA PRIMARY KEY,
    at      BIGINT NOT NULL
);
