-- The store of one clinic. Ids are their sixteen bytes, moments are milliseconds since the Unix epoch.

-- The clinic and its version. A batch is fenced by it: UPDATE clinic SET version = n + 1 WHERE version = n.
CREATE TABLE clinic (
    id      BLOB PRIMARY KEY NOT NULL,
    name    TEXT NOT NULL,
    -- What is consulted for when nobody says.
    service BLOB NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- What the clinic sets, each as one document (JSON).
CREATE TABLE services (
    id   BLOB PRIMARY KEY NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE practitioners (
    id    BLOB PRIMARY KEY NOT NULL,
    body  TEXT NOT NULL
) STRICT;

-- What is known of the pace of each waiting room. Both are documents (JSON).
CREATE TABLE estimators (
    waiting_room TEXT PRIMARY KEY NOT NULL,
    body         TEXT NOT NULL
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

-- The course of each visit, as one document (JSON) without anything that people wrote. What rules stand behind the
-- program's own is in columns.
CREATE TABLE visits (
    id      BLOB PRIMARY KEY NOT NULL,
    patient BLOB NOT NULL,
    -- The patient came, and it has not ended.
    active  INTEGER NOT NULL CHECK (active IN (0, 1)),
    arrival INTEGER NOT NULL UNIQUE,
    body    TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_active_visit_per_patient ON visits (patient) WHERE active = 1;

-- What people wrote, apart from the course of the visits, as one document (JSON). It goes when the visit is forgotten.
CREATE TABLE personal (
    visit BLOB PRIMARY KEY NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    body  TEXT NOT NULL
) STRICT;

-- The call and its legs stand beside the consultation so that a running SFU keeps them when
-- signaling restarts.
CREATE TABLE consultations (
    id               BLOB PRIMARY KEY NOT NULL,
    number           INTEGER NOT NULL UNIQUE,
    visit            BLOB NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    practitioner     BLOB NOT NULL REFERENCES practitioners (id),
    state            TEXT NOT NULL CHECK (state IN ('active', 'held', 'ended')),
    body             TEXT NOT NULL,
    call             BLOB,
    patient_leg      BLOB,
    practitioner_leg BLOB
) STRICT;

CREATE INDEX consultations_by_visit ON consultations (visit);
CREATE UNIQUE INDEX one_active_consultation_per_practitioner ON consultations (practitioner) WHERE state = 'active';
CREATE UNIQUE INDEX one_consultation_under_way_per_visit ON consultations (visit) WHERE state <> 'ended';

-- What was decided, in order: each line hashed (SHA-256) with the hash of the line before. No names, no words.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY NOT NULL,
    hash     BLOB NOT NULL,
    entry    TEXT NOT NULL
) STRICT;

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
