-- The store of one clinic. Ids are their sixteen bytes, moments are milliseconds since the Unix epoch.

-- The clinic and its version. A batch is fenced by it: UPDATE clinic SET version = n + 1 WHERE version = n.
CREATE TABLE clinic (
    id      BYTEA PRIMARY KEY,
    name    TEXT NOT NULL,
    -- What is consulted for when nobody says.
    service BYTEA NOT NULL,
    version BIGINT NOT NULL
);

-- Two servers that open a new store at once make one clinic.
CREATE UNIQUE INDEX one_clinic ON clinic ((true));

-- What the clinic sets, each as one document (JSON).
CREATE TABLE services (
    id   BYTEA PRIMARY KEY,
    body TEXT NOT NULL
);

-- `rowid` is the order in which they were made, as SQLite counts it by itself.
CREATE TABLE practitioners (
    id    BYTEA PRIMARY KEY,
    body  TEXT NOT NULL,
    rowid BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY
);

-- What is known of the pace of each waiting room. Both are documents (JSON).
CREATE TABLE estimators (
    waiting_room TEXT PRIMARY KEY,
    body         TEXT NOT NULL
);

-- Reusable links, by the SHA-256 of their code.
CREATE TABLE walk_in_links (
    hash BYTEA PRIMARY KEY
);

-- Join tokens that were exchanged. The key is what makes an exchange happen once.
CREATE TABLE used_tokens (
    id         TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_tokens_by_expiry ON used_tokens (expires_at);

-- Sessions, by the SHA-256 of their secret, each bound to the device that holds the private key.
CREATE TABLE sessions (
    id          BYTEA PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    device_key  BYTEA NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('patient', 'practitioner')),
    subject     BYTEA NOT NULL,
    visit       BYTEA,
    expires_at  BIGINT NOT NULL,
    CHECK ((role = 'patient') = (visit IS NOT NULL))
);

CREATE INDEX sessions_by_visit ON sessions (visit);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- The course of each visit, as one document (JSON) without anything that people wrote. What rules stand behind the
-- program's own is in columns.
CREATE TABLE visits (
    id      BYTEA PRIMARY KEY,
    patient BYTEA NOT NULL,
    -- The patient came, and it has not ended.
    active  BIGINT NOT NULL CHECK (active IN (0, 1)),
    arrival BIGINT NOT NULL UNIQUE,
    body    TEXT NOT NULL
);

CREATE UNIQUE INDEX one_active_visit_per_patient ON visits (patient) WHERE active = 1;

-- What people wrote, apart from the course of the visits, as one document (JSON). It goes when the visit is forgotten.
CREATE TABLE personal (
    visit BYTEA PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    body  TEXT NOT NULL
);

-- The call and its legs stand beside the consultation so that a running SFU keeps them when
-- signaling restarts.
CREATE TABLE consultations (
    id               BYTEA PRIMARY KEY,
    number           BIGINT NOT NULL UNIQUE,
    visit            BYTEA NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    practitioner     BYTEA NOT NULL REFERENCES practitioners (id),
    state            TEXT NOT NULL CHECK (state IN ('active', 'held', 'ended')),
    body             TEXT NOT NULL,
    call             BYTEA,
    patient_leg      BYTEA,
    practitioner_leg BYTEA
);

CREATE INDEX consultations_by_visit ON consultations (visit);
CREATE UNIQUE INDEX one_active_consultation_per_practitioner ON consultations (practitioner) WHERE state = 'active';
CREATE UNIQUE INDEX one_consultation_under_way_per_visit ON consultations (visit) WHERE state <> 'ended';

-- What was decided, in order: each line hashed (SHA-256) with the hash of the line before. No names, no words.
CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY,
    hash     BYTEA NOT NULL,
    entry    TEXT NOT NULL
);

-- The MLS log of a consultation under way. Its messages are opaque; the log goes when the consultation ends.
CREATE TABLE mls_log (
    consultation BYTEA NOT NULL REFERENCES consultations (id) ON DELETE CASCADE,
    sequence     BIGINT NOT NULL,
    sender       BYTEA NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('commit', 'welcome', 'application')),
    generation   BIGINT NOT NULL,
    epoch        BIGINT NOT NULL,
    message      BYTEA NOT NULL,
    PRIMARY KEY (consultation, sequence)
);

CREATE UNIQUE INDEX one_commit_per_epoch ON mls_log (consultation, generation, epoch) WHERE kind = 'commit';
