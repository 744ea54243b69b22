-- Companions: a third role, and calls of more than two legs.

ALTER TABLE sessions DROP CONSTRAINT sessions_role_check;
ALTER TABLE sessions DROP CONSTRAINT sessions_check;
ALTER TABLE sessions ADD CHECK (role IN ('patient', 'practitioner', 'companion'));
ALTER TABLE sessions ADD CHECK ((role <> 'practitioner') = (visit IS NOT NULL));

ALTER TABLE attendance DROP CONSTRAINT attendance_role_check;
ALTER TABLE attendance ADD CHECK (role IN ('patient', 'practitioner', 'companion'));

-- Whose leg is which, of the call of each consultation.
CREATE TABLE legs (
    consultation BYTEA NOT NULL REFERENCES consultations (id) ON DELETE CASCADE,
    participant  BYTEA NOT NULL,
    leg          BYTEA NOT NULL,
    PRIMARY KEY (consultation, participant)
);

INSERT INTO legs
    SELECT consultations.id, visits.patient, consultations.patient_leg
    FROM consultations JOIN visits ON visits.id = consultations.visit
    WHERE consultations.patient_leg IS NOT NULL;
INSERT INTO legs
    SELECT id, practitioner, practitioner_leg FROM consultations WHERE practitioner_leg IS NOT NULL;
ALTER TABLE consultations DROP COLUMN patient_leg;
ALTER TABLE consultations DROP COLUMN practitioner_leg;
