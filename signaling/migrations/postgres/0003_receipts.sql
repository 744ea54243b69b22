-- What outlives the visits: that a consultation took place, and how long people saw or heard one another. No names.
CREATE TABLE receipts (
    consultation BYTEA PRIMARY KEY,
    patient      BYTEA NOT NULL,
    practitioner BYTEA NOT NULL,
    started_at   BIGINT NOT NULL,
    -- Which came to an end last does not depend on the clock. NULL while it lasts.
    end_number   BIGINT,
    -- The consultation, as one document (JSON).
    body         TEXT NOT NULL
);

CREATE UNIQUE INDEX receipts_by_end ON receipts (end_number);
CREATE INDEX receipts_by_start ON receipts (started_at);
CREATE INDEX receipts_by_patient ON receipts (patient);

-- What flowed in each call of a consultation, in milliseconds. It has another call after an SFU was gone.
CREATE TABLE talks (
    call         BYTEA PRIMARY KEY,
    consultation BYTEA NOT NULL REFERENCES receipts (consultation) ON DELETE CASCADE,
    video        BIGINT NOT NULL,
    audio        BIGINT NOT NULL,
    neither      BIGINT NOT NULL
);

CREATE INDEX talks_by_consultation ON talks (consultation);
