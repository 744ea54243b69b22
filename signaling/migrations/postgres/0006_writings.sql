-- What people wrote after a consultation: a patient to the practitioner, or the practitioner to the regular one. One of each
-- kind stands.
CREATE TABLE writings (
    consultation BYTEA NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('feedback', 'note')),
    visit        BYTEA NOT NULL,
    patient      BYTEA NOT NULL,
    practitioner BYTEA NOT NULL,
    service      BYTEA NOT NULL,
    at           BIGINT NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (consultation, kind)
);

CREATE INDEX writings_by_practitioner ON writings (practitioner, kind, at);
CREATE INDEX writings_by_patient ON writings (patient);
