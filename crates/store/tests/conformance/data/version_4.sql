-- A database of schema version 4: a part of `version_3.sql` as it was migrated, with some rows added.
PRAGMA application_id = 1264675186;
PRAGMA user_version = 4;
CREATE TABLE users (
    id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    email               TEXT    NOT NULL,           -- as its rider wrote it
    email_key           TEXT    NOT NULL,           -- in lower case; two accounts can't share it
    email_key_is_unique INTEGER NOT NULL CHECK (email_key_is_unique IN (0, 1)),
    is_verified         INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    name                TEXT    NOT NULL,
    phonenumber         TEXT,
    instagram           TEXT,
    country             TEXT,
    password            TEXT    NOT NULL,           -- a bcrypt hash
    credential_version  INTEGER NOT NULL,           -- raised by each new password; older tokens name a lower one
    journeys_held       INTEGER NOT NULL DEFAULT 0, -- derived: the number of the rider's journeys
    bytes_held          INTEGER NOT NULL DEFAULT 0, -- derived: the sum of their bytes
    write_minute        INTEGER NOT NULL DEFAULT 0, -- the minute since 1970 of the rider's last limited write
    writes              INTEGER NOT NULL DEFAULT 0, -- limited writes in that minute
    writes_before       INTEGER NOT NULL DEFAULT 0, -- limited writes in the minute before it
    keys_made           INTEGER NOT NULL DEFAULT 0  -- the number of the rider's newest idempotency key
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency_keys (
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    key        TEXT    NOT NULL,
    number     INTEGER NOT NULL,                    -- upwards for each rider; the newest ones stay
    request    BLOB    NOT NULL CHECK (length(request) = 32), -- SHA-256
    status     INTEGER NOT NULL,
    ids        BLOB    NOT NULL CHECK (length(ids) % 12 = 0), -- of what the request made, one after the other
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE invitations (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL                     -- the end of its latest refresh token
) STRICT, WITHOUT ROWID;
CREATE TABLE refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256; the token itself is nowhere
    session_id    BLOB    NOT NULL REFERENCES sessions ON DELETE CASCADE,
    first_used_at INTEGER,                          -- null until it is used
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE legacy_refresh_tokens (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    user_id       BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id    BLOB             REFERENCES sessions ON DELETE SET NULL,
    first_used_at INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL                  -- after this it is refused anyway, and the row can go
) STRICT, WITHOUT ROWID;
CREATE TABLE journeys (
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
CREATE TABLE deletions (
    journey_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE markers (
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
CREATE TABLE itinerary_days (
    journey_id BLOB    NOT NULL,
    day        INTEGER NOT NULL,
    day_cell   INTEGER NOT NULL,                    -- the day and the cell twenty-five kilometres wide, as one number
    longitude  REAL    NOT NULL,
    latitude   REAL    NOT NULL,
    elevation  REAL,                                -- of a day that has a marker with one
    PRIMARY KEY (journey_id, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_id    BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    recipient  TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('verify_email', 'reset_password', 'address_changed')),
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL                     -- not before this; a lease moves it to the lease's end
) STRICT, WITHOUT ROWID;
CREATE TABLE counted_acts (
    key          BLOB    NOT NULL CHECK (length(key) = 32),
    counts_until INTEGER NOT NULL
) STRICT;
CREATE TABLE known_clients (
    key         BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    known_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_account_an_address ON users (email_key) WHERE email_key_is_unique;
CREATE INDEX users_by_email_key ON users (email_key);
CREATE INDEX idempotency_keys_by_number ON idempotency_keys (user_id, number);
CREATE INDEX idempotency_keys_by_creation ON idempotency_keys (created_at);
CREATE INDEX sessions_of_a_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX refresh_tokens_of_a_session ON refresh_tokens (session_id);
CREATE INDEX legacy_refresh_tokens_of_a_user ON legacy_refresh_tokens (user_id);
CREATE INDEX legacy_refresh_tokens_of_a_session ON legacy_refresh_tokens (session_id);
CREATE INDEX legacy_refresh_tokens_by_expiry ON legacy_refresh_tokens (expires_at);
CREATE INDEX journeys_oldest_first ON journeys (user_id, created_at, id);
CREATE UNIQUE INDEX one_active_journey_a_user ON journeys (user_id) WHERE status = 'active';
CREATE INDEX markers_in_riding_order ON markers (journey_id, kind, riding_day, created_at, id, longitude, latitude, elevation);
CREATE INDEX markers_by_cell ON markers (cell, journey_id, id, longitude, latitude);
CREATE INDEX itinerary_days_by_day_cell ON itinerary_days (day_cell, longitude, latitude, elevation);
CREATE INDEX outbox_by_due_time ON outbox (due_at, id);
CREATE INDEX outbox_of_a_user ON outbox (user_id);
CREATE INDEX counted_acts_by_key ON counted_acts (key, counts_until);
CREATE INDEX counted_acts_by_end ON counted_acts (counts_until);
CREATE INDEX known_clients_by_end ON known_clients (known_until);
INSERT INTO users (id, email, email_key, email_key_is_unique, is_verified, name, phonenumber, instagram, country, password, credential_version, journeys_held, bytes_held, write_minute, writes, writes_before, keys_made) VALUES
(X'6b09d1df80db6a5309000002','zoë@example.org','zoë@example.org',0,1,'Zoe',NULL,NULL,NULL,'$2b$12$hash',4,0,0,0,0,0,0),
(X'6b09d1df80db6a5309000003','eva@müller.example','eva@müller.example',1,0,'Eva',NULL,NULL,NULL,'$2b$12$hash',0,0,0,0,0,0,0),
(X'6b09d1df80db6a5309000004','Eva@xn--mller-kva.example','eva@xn--mller-kva.example',1,1,'Eva',NULL,NULL,NULL,'$2b$12$hash',0,0,0,0,0,0,0),
(X'6b09d1df80db6a5309000005',' udo@example.org',' udo@example.org',1,0,'Udo',NULL,NULL,NULL,'$2b$12$hash',0,0,0,0,0,0,0),
(X'6b09d1df80db6a53092f9cd3','ada@example.org','ada@example.org',1,1,'Ada',NULL,NULL,'Portugal','$2b$12$slr.Nof1.y0MkLU7uwZNHeVkF/IFEetOvKiNSpXjfCsdwGphrCHly',0,0,0,29647440,3,2,1),
(X'6b09d1f2e2da25fe854201d4','Zoë@Example.org','zoë@example.org',1,0,'Zoë 🚲',NULL,'''; DROP TABLE users; --','Österreich','$2b$12$OjBDzd.EfGZDZV9QCXxTqOwwNmzRxeXdP78GKli/k8x13ow6lGL7i',0,3,456,0,0,0,0);
INSERT INTO idempotency_keys (user_id, key, number, request, status, ids, created_at) VALUES
(X'6b09d1df80db6a53092f9cd3','a-key',1,X'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',201,X'6b09d1f4e2da25fe854201d7',1798846400123);
INSERT INTO invitations (hash, expires_at) VALUES
(X'0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',1798846400123);
INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES
(X'6b09d1f4e2da25fe854201d6',X'6b09d1f2e2da25fe854201d4',1795805684159,1796496884166);
INSERT INTO refresh_tokens (hash, session_id, first_used_at, expires_at) VALUES
(X'5ae6e9a491c82bb25b3248fb6bdf94aac8acbb11869ffb0f2f0a8c10210921ce',X'6b09d1f4e2da25fe854201d6',NULL,1796496884166),
(X'f111bd0149972a9e52812c27e1db5788f34981507e96cbb62bf743f700a92025',X'6b09d1f4e2da25fe854201d6',1795805684166,1796496884159);
INSERT INTO legacy_refresh_tokens (hash, user_id, session_id, first_used_at, expires_at) VALUES
(X'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',X'6b09d1f2e2da25fe854201d4',X'6b09d1f4e2da25fe854201d6',1778846400123,1798846400123),
(X'0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',X'6b09d1df80db6a53092f9cd3',NULL,1778846400123,1798846400123);
INSERT INTO journeys (id, user_id, name, description, created_at, status, visibility, markers_held, bytes_held) VALUES
(X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4','Nasty ‮ 0','a.b.$c a.b.$c a.b.$c a.b.$c a.b.$c ',1795805684169,'active','public',6,152),
(X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4','Nasty ‮ 1','a.b.$c a.b.$c a.b.$c a.b.$c a.b.$c ',1795805684191,'completed','public',6,152),
(X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4','Nasty ‮ 2','a.b.$c a.b.$c a.b.$c a.b.$c a.b.$c ',1795805684201,'inactive','private',6,152);
INSERT INTO deletions (journey_id) VALUES
(X'6b09d1df80db6a5309000009');
INSERT INTO markers (number, id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation, timestamp, estimated_time, cell) VALUES
(127,X'6b09d1f4e2da25fe854201d8',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684171,'Camp 0','',0,180.0,90.0,NULL,1,NULL,7741044388074543981),
(128,X'6b09d1f4e2da25fe854201d9',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684173,'Camp 1','ﬀ "quoted" 
',0,-180.0,-90.0,-430.5,328412,739617,2470546081300386377),
(129,X'6b09d1f4e2da25fe854201da',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684175,'Camp 2','ﬀ "quoted" 
',1,16.369999999999997,48.2,8848.86,NULL,3652059,8808639115854608513),
(130,X'6b09d1f4e2da25fe854201db',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684176,'Camp 3','ﬀ "quoted" 
',1,1e-300,0.30000000000000004,NULL,NULL,NULL,8235153883575799841),
(131,X'6b09d1f4e2da25fe854201dc',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684178,'Camp 4','ﬀ "quoted" 
',1,16.4,48.3,200.0,739741,3652048,8808639344898140770),
(132,X'6b09d1f4e2da25fe854201dd',X'6b09d1f4e2da25fe854201d7',X'6b09d1f2e2da25fe854201d4',1795805684187,'Camp 5','ﬀ "quoted" 
',0,16.4,48.3,NULL,NULL,NULL,8808639344898140770),
(133,X'6b09d1f4e2da25fe854201df',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684192,'Camp 0','',0,180.0,90.0,NULL,1,NULL,7741044388074543981),
(134,X'6b09d1f4e2da25fe854201e0',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684194,'Camp 1','ﬀ "quoted" 
',0,-180.0,-90.0,-430.5,328412,739617,2470546081300386377),
(135,X'6b09d1f4e2da25fe854201e1',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684195,'Camp 2','ﬀ "quoted" 
',1,16.369999999999997,48.2,8848.86,NULL,3652059,8808639115854608513),
(136,X'6b09d1f4e2da25fe854201e2',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684197,'Camp 3','ﬀ "quoted" 
',1,1e-300,0.30000000000000004,NULL,NULL,NULL,8235153883575799841),
(137,X'6b09d1f4e2da25fe854201e3',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684198,'Camp 4','ﬀ "quoted" 
',1,16.4,48.3,200.0,739741,3652048,8808639344898140770),
(138,X'6b09d1f4e2da25fe854201e4',X'6b09d1f4e2da25fe854201de',X'6b09d1f2e2da25fe854201d4',1795805684200,'Camp 5','ﬀ "quoted" 
',0,16.4,48.3,NULL,NULL,NULL,8808639344898140770),
(139,X'6b09d1f4e2da25fe854201e6',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684203,'Camp 0','',0,180.0,90.0,NULL,1,NULL,7741044388074543981),
(140,X'6b09d1f4e2da25fe854201e7',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684205,'Camp 1','ﬀ "quoted" 
',0,-180.0,-90.0,-430.5,328412,739617,2470546081300386377),
(141,X'6b09d1f4e2da25fe854201e8',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684209,'Camp 2','ﬀ "quoted" 
',1,16.369999999999997,48.2,8848.86,NULL,3652059,8808639115854608513),
(142,X'6b09d1f4e2da25fe854201e9',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684212,'Camp 3','ﬀ "quoted" 
',1,1e-300,0.30000000000000004,NULL,NULL,NULL,8235153883575799841),
(143,X'6b09d1f4e2da25fe854201ea',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684214,'Camp 4','ﬀ "quoted" 
',1,16.4,48.3,200.0,739741,3652048,8808639344898140770),
(144,X'6b09d1f4e2da25fe854201eb',X'6b09d1f4e2da25fe854201e5',X'6b09d1f2e2da25fe854201d4',1795805684220,'Camp 5','ﬀ "quoted" 
',0,16.4,48.3,NULL,NULL,NULL,8808639344898140770);
INSERT INTO itinerary_days (journey_id, day, day_cell, longitude, latitude, elevation) VALUES
(X'6b09d1f4e2da25fe854201d7',1,246864749,180.0,90.0,NULL),
(X'6b09d1f4e2da25fe854201de',1,246864749,180.0,90.0,NULL),
(X'6b09d1f4e2da25fe854201e5',1,246864749,180.0,90.0,NULL),
(X'6b09d1f4e2da25fe854201d7',328412,44078748439113,-180.0,-90.0,-430.5),
(X'6b09d1f4e2da25fe854201de',328412,44078748439113,-180.0,-90.0,-430.5),
(X'6b09d1f4e2da25fe854201e5',328412,44078748439113,-180.0,-90.0,-430.5),
(X'6b09d1f4e2da25fe854201d7',3652048,490169713289517,16.4,48.3,200.0),
(X'6b09d1f4e2da25fe854201de',3652048,490169713289517,16.4,48.3,200.0),
(X'6b09d1f4e2da25fe854201e5',3652048,490169713289517,16.4,48.3,200.0),
(X'6b09d1f4e2da25fe854201d7',3652049,490169847507245,16.39726787412188,48.29090941369403,NULL),
(X'6b09d1f4e2da25fe854201de',3652049,490169847507245,16.39726787412188,48.29090941369403,NULL),
(X'6b09d1f4e2da25fe854201e5',3652049,490169847507245,16.39726787412188,48.29090941369403,NULL),
(X'6b09d1f4e2da25fe854201d7',3652050,490169981724973,16.394536720819907,48.28181876270027,NULL),
(X'6b09d1f4e2da25fe854201de',3652050,490169981724973,16.394536720819907,48.28181876270027,NULL),
(X'6b09d1f4e2da25fe854201e5',3652050,490169981724973,16.394536720819907,48.28181876270027,NULL),
(X'6b09d1f4e2da25fe854201d7',3652051,490170115942701,16.391806539444335,48.272728047062394,NULL),
(X'6b09d1f4e2da25fe854201de',3652051,490170115942701,16.391806539444335,48.272728047062394,NULL),
(X'6b09d1f4e2da25fe854201e5',3652051,490170115942701,16.391806539444335,48.272728047062394,NULL),
(X'6b09d1f4e2da25fe854201d7',3652052,490170250160429,16.38907732934595,48.263637266824034,NULL),
(X'6b09d1f4e2da25fe854201de',3652052,490170250160429,16.38907732934595,48.263637266824034,NULL),
(X'6b09d1f4e2da25fe854201e5',3652052,490170250160429,16.38907732934595,48.263637266824034,NULL),
(X'6b09d1f4e2da25fe854201d7',3652053,490170384378157,16.3863490898761,48.254546422028795,NULL),
(X'6b09d1f4e2da25fe854201de',3652053,490170384378157,16.3863490898761,48.254546422028795,NULL),
(X'6b09d1f4e2da25fe854201e5',3652053,490170384378157,16.3863490898761,48.254546422028795,NULL),
(X'6b09d1f4e2da25fe854201d7',3652054,490170518595881,16.383621820386676,48.245455512720255,NULL),
(X'6b09d1f4e2da25fe854201de',3652054,490170518595881,16.383621820386676,48.245455512720255,NULL),
(X'6b09d1f4e2da25fe854201e5',3652054,490170518595881,16.383621820386676,48.245455512720255,NULL),
(X'6b09d1f4e2da25fe854201d7',3652055,490170652813609,16.380895520230098,48.23636453894192,NULL),
(X'6b09d1f4e2da25fe854201de',3652055,490170652813609,16.380895520230098,48.23636453894192,NULL),
(X'6b09d1f4e2da25fe854201e5',3652055,490170652813609,16.380895520230098,48.23636453894192,NULL),
(X'6b09d1f4e2da25fe854201d7',3652056,490170787031337,16.37817018875936,48.227273500737304,NULL),
(X'6b09d1f4e2da25fe854201de',3652056,490170787031337,16.37817018875936,48.227273500737304,NULL),
(X'6b09d1f4e2da25fe854201e5',3652056,490170787031337,16.37817018875936,48.227273500737304,NULL),
(X'6b09d1f4e2da25fe854201d7',3652057,490170921249065,16.375445825327958,48.218182398149835,NULL),
(X'6b09d1f4e2da25fe854201de',3652057,490170921249065,16.375445825327958,48.218182398149835,NULL),
(X'6b09d1f4e2da25fe854201e5',3652057,490170921249065,16.375445825327958,48.218182398149835,NULL),
(X'6b09d1f4e2da25fe854201d7',3652058,490171055466793,16.37272242928997,48.20909123122294,NULL),
(X'6b09d1f4e2da25fe854201de',3652058,490171055466793,16.37272242928997,48.20909123122294,NULL),
(X'6b09d1f4e2da25fe854201e5',3652058,490171055466793,16.37272242928997,48.20909123122294,NULL),
(X'6b09d1f4e2da25fe854201d7',3652059,490171189684521,16.369999999999997,48.2,8848.86),
(X'6b09d1f4e2da25fe854201de',3652059,490171189684521,16.369999999999997,48.2,8848.86),
(X'6b09d1f4e2da25fe854201e5',3652059,490171189684521,16.369999999999997,48.2,8848.86);
INSERT INTO outbox (id, user_id, recipient, kind, created_at, attempts, due_at) VALUES
(X'6b09d1df80db6a5309000001',X'6b09d1df80db6a53092f9cd3','ann@example.org','reset_password',1778846400123,3,1778846700123);
INSERT INTO counted_acts (key, counts_until) VALUES
(X'02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021',1798846400123);
INSERT INTO known_clients (key, known_until) VALUES
(X'030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122',1798846400123);
