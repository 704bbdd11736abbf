-- The whole schema, version 6.
--
-- Each object is created if it is missing: a version that only adds objects to its predecessor needs no other migration.
--
-- Ids are the twelve bytes of an ObjectId. Their first four are the time, so that new rows go to the end of an index.
-- Instants are milliseconds since 1970 in UTC. Days are numbers: 1 is 1 January of the year 1.
-- Tables are STRICT: SQLite otherwise keeps whatever it is given.

CREATE TABLE IF NOT EXISTS users (
    id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    email               TEXT    NOT NULL,           -- as its rider wrote it
    email_key           TEXT    NOT NULL,           -- by which addresses are compared; two accounts can't share it
    email_key_is_unique INTEGER NOT NULL CHECK (email_key_is_unique IN (0, 1)),
    is_verified         INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    name                TEXT    NOT NULL,
    phonenumber         TEXT,
    instagram           TEXT,
    country             TEXT,
    password            TEXT    NOT NULL,           -- a bcrypt hash
    credential_version  INTEGER NOT NULL,           -- raised by each new password; older tokens name a lower one
    address_version     INTEGER NOT NULL DEFAULT 0, -- raised by each new address; mailed tokens carry it
    journeys_held       INTEGER NOT NULL DEFAULT 0, -- derived: the number of the rider's journeys
    bytes_held          INTEGER NOT NULL DEFAULT 0, -- derived: the sum of their bytes
    write_minute        INTEGER NOT NULL DEFAULT 0, -- the minute since 1970 of the rider's last limited write
    writes              INTEGER NOT NULL DEFAULT 0, -- limited writes in that minute
    writes_before       INTEGER NOT NULL DEFAULT 0, -- limited writes in the minute before it
    keys_made           INTEGER NOT NULL DEFAULT 0  -- the number of the rider's newest idempotency key
) STRICT, WITHOUT ROWID;
-- The earlier service let two accounts have one address. Copied from there, both stay, and one of them holds it for both.
CREATE UNIQUE INDEX IF NOT EXISTS one_account_an_address ON users (email_key) WHERE email_key_is_unique;
CREATE INDEX IF NOT EXISTS users_by_email_key ON users (email_key);

-- Requests that were carried out under an idempotency key.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    key        TEXT    NOT NULL,
    number     INTEGER NOT NULL,                    -- upwards for each rider; the newest ones stay
    request    BLOB    NOT NULL CHECK (length(request) = 32), -- SHA-256
    status     INTEGER NOT NULL,
    ids        BLOB    NOT NULL CHECK (length(ids) % 12 = 0), -- of what the request made, one after the other
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_keys_by_number ON idempotency_keys (user_id, number);
CREATE INDEX IF NOT EXISTS idempotency_keys_by_creation ON idempotency_keys (created_at);

-- Invitations, each valid for one registration. The hash is SHA-256; the invitation itself is not stored.
CREATE TABLE IF NOT EXISTS invitations (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL                     -- the end of its latest refresh token
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_of_a_user ON sessions (user_id);
CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at);

-- The valid refresh tokens of a session: the unused ones, those used moments ago, and those of whose successors none
-- was used.
CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256; the token itself is nowhere
    session_id    BLOB    NOT NULL REFERENCES sessions ON DELETE CASCADE,
    predecessor   BLOB,                             -- the used token that is valid until one of its successors is used
    first_used_at INTEGER,                          -- null until it is used
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refresh_tokens_of_a_session ON refresh_tokens (session_id);

-- Refresh tokens of the earlier service that were used here. They name no session, so this table has the session that
-- each began. Null: the session has ended, and the token can't begin another.
CREATE TABLE IF NOT EXISTS legacy_refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    user_id       BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id    BLOB             REFERENCES sessions ON DELETE SET NULL,
    first_used_at INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL                  -- after this it is refused anyway, and the row can go
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS legacy_refresh_tokens_of_a_user ON legacy_refresh_tokens (user_id);
CREATE INDEX IF NOT EXISTS legacy_refresh_tokens_of_a_session ON legacy_refresh_tokens (session_id);
CREATE INDEX IF NOT EXISTS legacy_refresh_tokens_by_expiry ON legacy_refresh_tokens (expires_at);

CREATE TABLE IF NOT EXISTS journeys (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id      BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('inactive', 'active', 'completed')),
    visibility   TEXT    NOT NULL CHECK (visibility IN ('public', 'private')),
    markers_held INTEGER NOT NULL DEFAULT 0,        -- derived: the number of its markers
    bytes_held   INTEGER NOT NULL DEFAULT 0         -- derived: the bytes of its texts and of those of its markers
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS journeys_oldest_first ON journeys (user_id, created_at, id);
-- Refuses any statement that would make two journeys of a rider active.
CREATE UNIQUE INDEX IF NOT EXISTS one_active_journey_a_user ON journeys (user_id) WHERE status = 'active';

-- Deleted journeys whose markers, itinerary days, lines and schedule are still to be removed, in batches. The journey's row
-- is gone, which hides them. Therefore none of these tables has a foreign key to `journeys`, and each writer checks the
-- journey first.
CREATE TABLE IF NOT EXISTS deletions (
    journey_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS markers (
    number         INTEGER NOT NULL PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 12),
    journey_id     BLOB    NOT NULL CHECK (length(journey_id) = 12),
    owner_id       BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    notes          TEXT    NOT NULL,
    kind           INTEGER NOT NULL CHECK (kind IN (0, 1)), -- 0 is the past, 1 a plan
    longitude      REAL    NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    latitude       REAL    NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    elevation      REAL,
    timestamp      INTEGER,
    estimated_time INTEGER,
    cell           INTEGER NOT NULL,                -- derived: the number that the spatial index knows the place by
    -- The day that counts for a marker of its kind. The last of all numbers stands for none: undated markers come last.
    riding_day     INTEGER GENERATED ALWAYS AS
        (ifnull(CASE kind WHEN 0 THEN timestamp ELSE estimated_time END, 9223372036854775807)) VIRTUAL
) STRICT;
-- Riding order. Covers the query of everything that an itinerary is computed from.
CREATE INDEX IF NOT EXISTS markers_in_riding_order ON markers (journey_id, kind, riding_day, created_at, id, longitude, latitude, elevation);
-- Finds past markers of a day later than tomorrow, which the earlier service accepted. They count only from the day before.
CREATE INDEX IF NOT EXISTS past_markers_by_day ON markers (timestamp, journey_id) WHERE kind = 0;
-- The cube around the unit sphere is divided into eight, each part again, twenty-one times. A circle is a few ranges of
-- cells. Unlike an R*Tree of degrees, cells have neither an antimeridian nor poles. Covers the queries of a search.
CREATE INDEX IF NOT EXISTS markers_by_cell ON markers (cell, journey_id, id, longitude, latitude);

-- Derived: the position of each journey on each day. Between two dated markers it is on the great circle. The
-- transaction that writes a marker writes these rows.
CREATE TABLE IF NOT EXISTS itinerary_days (
    journey_id BLOB    NOT NULL,
    day        INTEGER NOT NULL,
    day_cell   INTEGER NOT NULL,                    -- the day and the cell twenty-five kilometres wide, as one number
    longitude  REAL    NOT NULL,
    latitude   REAL    NOT NULL,
    elevation  REAL,                                -- of a day that has a marker with one
    PRIMARY KEY (journey_id, day)
) STRICT, WITHOUT ROWID;
-- Covers the queries of a search.
CREATE INDEX IF NOT EXISTS itinerary_days_by_day_cell ON itinerary_days (day_cell, longitude, latitude, elevation);

-- Routes and tracks. Everything here is derived from the parts, so that figures and maps need not read the parts.
CREATE TABLE IF NOT EXISTS lines (
    journey_id BLOB    NOT NULL CHECK (length(journey_id) = 12),
    kind       INTEGER NOT NULL CHECK (kind IN (0, 1)), -- 0 is the route, 1 the track
    version    BLOB    NOT NULL CHECK (length(version) = 16), -- a hash of the positions
    metres     REAL    NOT NULL,
    bytes      INTEGER NOT NULL,                    -- the bytes of the parts, which count towards the rider's bound
    simplified BLOB    NOT NULL,                    -- the positions that the line needs to be true to 500 m
    PRIMARY KEY (journey_id, kind)
) STRICT;

-- The positions of lines, delta-coded. A route has one part, a track one for each UTC day, so that a track that grows
-- rewrites the last day only.
CREATE TABLE IF NOT EXISTS line_parts (
    journey_id BLOB    NOT NULL CHECK (length(journey_id) = 12),
    kind       INTEGER NOT NULL CHECK (kind IN (0, 1)),
    day        INTEGER NOT NULL,                    -- the last of all numbers in a route, and for segments without times
    bytes      BLOB    NOT NULL,
    PRIMARY KEY (journey_id, kind, day)
) STRICT;

CREATE TABLE IF NOT EXISTS schedules (
    journey_id     BLOB    NOT NULL PRIMARY KEY CHECK (length(journey_id) = 12),
    start_date     INTEGER NOT NULL,
    metres_per_day INTEGER NOT NULL,
    rest_dates     BLOB    NOT NULL CHECK (length(rest_dates) % 4 = 0), -- days of four bytes, most significant first
    rest_weekdays  BLOB    NOT NULL                 -- a byte for each, 1 is Monday
) STRICT, WITHOUT ROWID;

-- Waiting mails. They hold no token: the worker creates it when it sends the mail.
CREATE TABLE IF NOT EXISTS outbox (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    recipient  TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('verify_email', 'reset_password', 'address_changed')),
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL                     -- not before this; a lease moves it to the lease's end
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_by_due_time ON outbox (due_at, id);
CREATE INDEX IF NOT EXISTS outbox_of_a_user ON outbox (user_id);

-- Acts that count against a limit. A key is the SHA-256 of what is counted, by whom, at whom.
CREATE TABLE IF NOT EXISTS counted_acts (
    key          BLOB    NOT NULL CHECK (length(key) = 32),
    counts_until INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS counted_acts_by_key ON counted_acts (key, counts_until);
CREATE INDEX IF NOT EXISTS counted_acts_by_end ON counted_acts (counts_until);

-- Clients that have logged in at an address. A key is the SHA-256 of both.
CREATE TABLE IF NOT EXISTS known_clients (
    key         BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    known_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_clients_by_end ON known_clients (known_until);
