-- Signing in at an identity provider.

-- Sign-ins that were begun, by the SHA-256 of their state, sealed (AES-256-GCM) under the server's key for that one alone.
CREATE TABLE sign_ins (
    state      BYTEA PRIMARY KEY NOT NULL,
    sealed     BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- Who of the practitioners somebody is who signs in: an HMAC of what the provider calls them, which is stored nowhere.
CREATE TABLE practitioner_identities (
    pseudonym    BYTEA PRIMARY KEY NOT NULL,
    practitioner BYTEA NOT NULL UNIQUE REFERENCES practitioners (id) ON DELETE CASCADE
);
