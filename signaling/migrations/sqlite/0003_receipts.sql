-- What outlives the visits: that a consultation took place, and how long people saw or heard one another. No names.
CREATE TABLE receipts (
    consultation BLOB PRIMARY KEY NOT NULL,
    patient      BLOB NOT NULL,
    practitioner BLOB NOT NULL,
    started_at   INTEGER NOT NULL,
    -- Which came to an end last does not depend on the clock. NULL while it lasts.
    end_number   INTEGER,
    -- The consultation, as one document (JSON).
    body         TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX receipts_by_end ON receipts (end_number);
CREATE INDEX receipts_by_start ON receipts (started_at);
CREATE INDEX receipts_by_patient ON receipts (patient);

-- What flowed in each call of a consultation, in milliseconds. It has another call after an SFU was gone.
CREATE TABLE talks (
    call         BLOB PRIMARY KEY NOT NULL,
    consultation BLOB NOT NULL REFERENCES receipts (consultation) ON DELETE CASCADE,
    video        INTEGER NOT NULL,
    audio        INTEGER NOT NULL,
    neither      INTEGER NOT NULL
) STRICT;

CREATE INDEX talks_by_consultation ON talks (consultation);
