-- The store of one clinic. Ids are their sixteen bytes, moments are milliseconds since the Unix epoch.

-- The clinic and its version. A batch is fenced by it: UPDATE clinic SET version = n + 1 WHERE version = n.
CREATE TABLE clinic (
    id           BLOB PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL,
    service      BLOB NOT NULL,
    service_name TEXT NOT NULL,
    version      INTEGER NOT NULL
) STRICT;

CREATE TABLE practitioners (
    id   BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- Reusable links, by the SHA-256 of their code.
CREATE TABLE walk_in_links (
    hash BLOB PRIMARY KEY NOT NULL
) STRICT;

-- Join tokens that were exchanged. The key is what makes an exchange happen once.
CREATE TABLE used_tokens (
    id         TEXT PRIMARY KEY NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX used_tokens_by_expiry ON used_tokens (expires_at);

-- Sessions, by the SHA-256 of their secret, each bound to the device that holds the private key.
CREATE TABLE sessions (
    id          BLOB PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    device_key  BLOB NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner')),
    subject     BLOB NOT NULL,
    visit       BLOB,
    expires_at  INTEGER NOT NULL,
    CHECK ((role = 'patient') = (visit IS NOT NULL))
) STRICT;

CREATE INDEX sessions_by_visit ON sessions (visit);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE visits (
    id             BLOB PRIMARY KEY NOT NULL,
    patient        BLOB NOT NULL,
    arrival        INTEGER NOT NULL UNIQUE,
    arrived_at     INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'in_consultation', 'ended')),
    consultation   BLOB,
    outcome        TEXT CHECK (outcome IN ('completed', 'left', 'declined', 'connection_lost')),
    decline_reason TEXT,
    ended_at       INTEGER,
    CHECK ((state = 'in_consultation') = (consultation IS NOT NULL)),
    CHECK ((state = 'ended') = (outcome IS NOT NULL AND ended_at IS NOT NULL)),
    CHECK ((outcome = 'declined') = (decline_reason IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX one_active_visit_per_patient ON visits (patient) WHERE state <> 'ended';

-- What people wrote, apart from the course of the visits. It goes when the visit is forgotten.
CREATE TABLE personal (
    visit           BLOB PRIMARY KEY NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    reason          TEXT NOT NULL,
    decline_message TEXT NOT NULL
) STRICT;

-- The call and its legs stand beside the consultation so that a running SFU keeps them when
-- signaling restarts.
CREATE TABLE consultations (
    id               BLOB PRIMARY KEY NOT NULL,
    number           INTEGER NOT NULL UNIQUE,
    visit            BLOB NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    patient          BLOB NOT NULL,
    practitioner     BLOB NOT NULL REFERENCES practitioners (id),
    started_at       INTEGER NOT NULL,
    ended            TEXT CHECK (ended IN ('completed', 'patient_left', 'patient_lost', 'practitioner_lost')),
    ended_at         INTEGER,
    call             BLOB,
    patient_leg      BLOB,
    practitioner_leg BLOB,
    CHECK ((ended IS NULL) = (ended_at IS NULL))
) STRICT;

CREATE INDEX consultations_by_visit ON consultations (visit);
CREATE UNIQUE INDEX one_active_consultation_per_practitioner ON consultations (practitioner) WHERE ended IS NULL;
CREATE UNIQUE INDEX one_active_consultation_per_visit ON consultations (visit) WHERE ended IS NULL;

-- The MLS log of a consultation under way. Its messages are opaque; the log goes when the consultation ends.
CREATE TABLE mls_log (
    consultation BLOB NOT NULL REFERENCES consultations (id) ON DELETE CASCADE,
    sequence     INTEGER NOT NULL,
    sender       BLOB NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('commit', 'welcome', 'application')),
    generation   INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    message      BLOB NOT NULL,
    PRIMARY KEY (consultation, sequence)
) STRICT;

CREATE UNIQUE INDEX one_commit_per_epoch ON mls_log (consultation, generation, epoch) WHERE kind = 'commit';
