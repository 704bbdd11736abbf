-- Ids are the twelve bytes of an ObjectId. Their first four are the time, so that new rows go to the end of an index.
-- Instants are milliseconds since 1970 in UTC, dates are text (YYYY-MM-DD), which sorts as the days do.
-- Tables are STRICT: SQLite otherwise keeps whatever it is given.

CREATE TABLE users (
    id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    email               TEXT    NOT NULL, -- as its rider wrote it
    email_key           TEXT    NOT NULL, -- in lower case; what two accounts can't share
    email_key_is_unique INTEGER NOT NULL CHECK (email_key_is_unique IN (0, 1)),
    is_verified         INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    name                TEXT    NOT NULL,
    phonenumber         TEXT,
    instagram           TEXT,
    country             TEXT,
    password            TEXT    NOT NULL, -- a bcrypt hash
    credential_version  INTEGER NOT NULL  -- raised by each new password; older tokens name a lower one
) STRICT, WITHOUT ROWID;
-- The earlier service let two accounts have one address. Copied from there, both stay, and one of them holds it for both.
CREATE UNIQUE INDEX one_account_an_address ON users (email_key) WHERE email_key_is_unique;
CREATE INDEX users_by_email_key ON users (email_key);

CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL                 -- the end of its latest refresh token
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_a_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- The refresh tokens of a session that are good: the unused ones, and those used moments ago.
CREATE TABLE refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256; the token itself is nowhere
    session_id    BLOB    NOT NULL REFERENCES sessions ON DELETE CASCADE,
    first_used_at INTEGER,                      -- null until it is used
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_of_a_session ON refresh_tokens (session_id);

-- Refresh tokens of the earlier service that were shown here. They name no session, so this table remembers which one each began,
-- and, when that is over (null), that it can't begin another.
CREATE TABLE earlier_refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    user_id       BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id    BLOB             REFERENCES sessions ON DELETE SET NULL,
    first_used_at INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL              -- after this it is refused anyway, and the row can go
) STRICT, WITHOUT ROWID;
CREATE INDEX earlier_refresh_tokens_of_a_user ON earlier_refresh_tokens (user_id);
CREATE INDEX earlier_refresh_tokens_of_a_session ON earlier_refresh_tokens (session_id);
CREATE INDEX earlier_refresh_tokens_by_expiry ON earlier_refresh_tokens (expires_at);

CREATE TABLE journeys (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id     BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('inactive', 'active', 'completed')),
    visibility  TEXT    NOT NULL CHECK (visibility IN ('public', 'private'))
) STRICT, WITHOUT ROWID;
CREATE INDEX journeys_of_a_user ON journeys (user_id, created_at, id);
-- A rider is on one journey at a time. One column for the status makes a completed journey that is active impossible to write down.
CREATE UNIQUE INDEX one_active_journey_a_user ON journeys (user_id) WHERE status = 'active';

CREATE TABLE markers (
    number         INTEGER NOT NULL PRIMARY KEY, -- what the R*Tree calls it by
    id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 12),
    journey_id     BLOB    NOT NULL REFERENCES journeys ON DELETE CASCADE,
    owner_id       BLOB    NOT NULL,
    name           TEXT    NOT NULL,
    notes          TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('past', 'plan')),
    longitude      REAL    NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    latitude       REAL    NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    elevation      REAL,
    timestamp      TEXT,
    estimated_time TEXT,
    created_at     INTEGER NOT NULL,
    -- The date that counts for a marker of its kind. A word sorts after all digits, as undated markers do.
    riding_day     TEXT    GENERATED ALWAYS AS
        (ifnull(CASE kind WHEN 'past' THEN timestamp ELSE estimated_time END, 'undated')) VIRTUAL
) STRICT;
-- Riding order: 'past' comes before 'plan' in the alphabet, too.
CREATE INDEX markers_in_riding_order ON markers (journey_id, kind, riding_day, created_at, id);

-- Where the markers are, as points of the unit sphere: without an antimeridian, without poles. An R*Tree keeps boxes of 32-bit floats,
-- rounded outward; a point is a box as well. It only finds candidates.
CREATE VIRTUAL TABLE marker_places USING rtree (number, x_min, x_max, y_min, y_max, z_min, z_max);
-- In step with the markers by whichever way they go, cascades included.
CREATE TRIGGER a_marker_leaves_its_place AFTER DELETE ON markers BEGIN
    DELETE FROM marker_places WHERE number = old.number;
END;

-- Mails that wait to leave. They hold no token: that is made when they are sent.
CREATE TABLE outbox (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    recipient  TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('verify_email', 'reset_password', 'address_changed')),
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL                 -- not before this; a lease moves it to the lease's end
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_due_time ON outbox (due_at, id);
CREATE INDEX outbox_of_a_user ON outbox (user_id);

-- What was done lately and counts against a limit, as often as it was done. A key is the SHA-256 of what is counted, by whom, at whom.
CREATE TABLE counted_acts (
    key          BLOB    NOT NULL CHECK (length(key) = 32),
    counts_until INTEGER NOT NULL
) STRICT;
CREATE INDEX counted_acts_by_key ON counted_acts (key, counts_until);
CREATE INDEX counted_acts_by_end ON counted_acts (counts_until);

-- Clients that have logged in at an address and are no strangers there. A key is the SHA-256 of both.
CREATE TABLE known_clients (
    key         BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    known_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_clients_by_end ON known_clients (known_until);
