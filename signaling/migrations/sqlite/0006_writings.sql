-- What people wrote after a consultation: a patient to the practitioner, or the practitioner to the regular one. One of each
-- kind stands.
CREATE TABLE writings (
    consultation BLOB NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('feedback', 'note')),
    visit        BLOB NOT NULL,
    patient      BLOB NOT NULL,
    practitioner BLOB NOT NULL,
    service      BLOB NOT NULL,
    at           INTEGER NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (consultation, kind)
) STRICT;

CREATE INDEX writings_by_practitioner ON writings (practitioner, kind, at);
CREATE INDEX writings_by_patient ON writings (patient);
