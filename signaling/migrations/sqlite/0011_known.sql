-- Whose device it is, and who came for which visit.

-- The sessions of one device are asked for by its key: a practitioner who comes along by a link is known by it.
CREATE INDEX sessions_by_device ON sessions (device_key);

-- Who signed in while they had the link of a visit: an HMAC of what the provider calls them. Whoever signs in as the same
-- person finds that visit.
CREATE TABLE visit_identities (
    pseudonym BLOB NOT NULL,
    visit     BLOB NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    PRIMARY KEY (pseudonym, visit)
) STRICT;

CREATE INDEX visit_identities_by_visit ON visit_identities (visit);
