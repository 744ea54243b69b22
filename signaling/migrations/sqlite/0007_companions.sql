-- Companions: a third role, and calls of more than two legs.

CREATE TABLE wider_sessions (
    id          BLOB PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    device_key  BLOB NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner', 'companion')),
    subject     BLOB NOT NULL,
    visit       BLOB,
    expires_at  INTEGER NOT NULL,
    CHECK ((role <> 'practitioner') = (visit IS NOT NULL))
) STRICT;

INSERT INTO wider_sessions SELECT id, secret_hash, device_key, role, subject, visit, expires_at FROM sessions;
DROP TABLE sessions;
ALTER TABLE wider_sessions RENAME TO sessions;
CREATE INDEX sessions_by_visit ON sessions (visit);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE wider_attendance (
    participant BLOB PRIMARY KEY NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner', 'companion')),
    node        BLOB NOT NULL
) STRICT;

INSERT INTO wider_attendance SELECT participant, role, node FROM attendance;
DROP TABLE attendance;
ALTER TABLE wider_attendance RENAME TO attendance;
CREATE INDEX attendance_by_node ON attendance (node);

-- Whose leg is which, of the call of each consultation.
CREATE TABLE legs (
    consultation BLOB NOT NULL REFERENCES consultations (id) ON DELETE CASCADE,
    participant  BLOB NOT NULL,
    leg          BLOB NOT NULL,
    PRIMARY KEY (consultation, participant)
) STRICT;

INSERT INTO legs
    SELECT consultations.id, visits.patient, consultations.patient_leg
    FROM consultations JOIN visits ON visits.id = consultations.visit
    WHERE consultations.patient_leg IS NOT NULL;
INSERT INTO legs
    SELECT id, practitioner, practitioner_leg FROM consultations WHERE practitioner_leg IS NOT NULL;
ALTER TABLE consultations DROP COLUMN patient_leg;
ALTER TABLE consultations DROP COLUMN practitioner_leg;
