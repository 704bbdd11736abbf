-- Fills the current tables, which are empty, from those of version 3, which were renamed to `old_*`. The program computes the
-- address keys, the itineraries, the usage and the cells afterwards.
INSERT INTO users (id, email, email_key, email_key_is_unique, is_verified, name, phonenumber, instagram, country, password, credential_version)
    SELECT id, email, email_key, 0, is_verified, name, phonenumber, instagram, country, password, credential_version
    FROM old_users;
INSERT INTO sessions SELECT id, user_id, created_at, expires_at FROM old_sessions;
INSERT INTO refresh_tokens (hash, session_id, first_used_at, expires_at)
    SELECT hash, session_id, first_used_at, expires_at FROM old_refresh_tokens;
INSERT INTO legacy_refresh_tokens SELECT hash, user_id, session_id, first_used_at, expires_at FROM old_earlier_refresh_tokens;
INSERT INTO journeys (id, user_id, name, description, created_at, status, visibility)
    SELECT id, user_id, name, description, created_at, status, visibility FROM old_journeys;
-- Dates were text (YYYY-MM-DD). The day before 1 January of the year 1 has the Julian day 1721424.5.
INSERT INTO markers (number, id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation, timestamp, estimated_time, cell)
    SELECT number, id, journey_id, owner_id, created_at, name, notes, kind = 'plan', longitude, latitude, elevation,
        CAST(julianday(timestamp) - 1721424.5 AS INTEGER), CAST(julianday(estimated_time) - 1721424.5 AS INTEGER), 0
    FROM old_markers ORDER BY number;
INSERT INTO outbox SELECT id, user_id, recipient, kind, created_at, attempts, due_at FROM old_outbox;
INSERT INTO counted_acts SELECT key, counts_until FROM old_counted_acts;
INSERT INTO known_clients SELECT key, known_until FROM old_known_clients;

DROP TABLE old_track_days;
DROP TABLE old_markers;
DROP TABLE old_journeys;
DROP TABLE old_refresh_tokens;
DROP TABLE old_earlier_refresh_tokens;
DROP TABLE old_sessions;
DROP TABLE old_outbox;
DROP TABLE old_counted_acts;
DROP TABLE old_known_clients;
DROP TABLE old_users;
