-- Fills the current tables, which are empty, from those of version 4, which were renamed to `old_*`.
INSERT INTO users (id, email, email_key, email_key_is_unique, is_verified, name, phonenumber, instagram, country, password, credential_version,
        journeys_held, bytes_held, write_minute, writes, writes_before, keys_made)
    SELECT id, email, email_key, 0, is_verified, name, phonenumber, instagram, country, password, credential_version,
        journeys_held, bytes_held, write_minute, writes, writes_before, keys_made
    FROM old_users;
INSERT INTO idempotency_keys SELECT user_id, key, number, request, status, ids, created_at FROM old_idempotency_keys;
INSERT INTO invitations SELECT hash, expires_at FROM old_invitations;
INSERT INTO sessions SELECT id, user_id, created_at, expires_at FROM old_sessions;
INSERT INTO refresh_tokens (hash, session_id, first_used_at, expires_at)
    SELECT hash, session_id, first_used_at, expires_at FROM old_refresh_tokens;
INSERT INTO legacy_refresh_tokens SELECT hash, user_id, session_id, first_used_at, expires_at FROM old_legacy_refresh_tokens;
INSERT INTO journeys (id, user_id, name, description, created_at, status, visibility, markers_held, bytes_held)
    SELECT id, user_id, name, description, created_at, status, visibility, markers_held, bytes_held FROM old_journeys;
INSERT INTO deletions SELECT journey_id FROM old_deletions;
INSERT INTO markers (number, id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation, timestamp, estimated_time, cell)
    SELECT number, id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation, timestamp, estimated_time, cell
    FROM old_markers ORDER BY number;
INSERT INTO itinerary_days SELECT journey_id, day, day_cell, longitude, latitude, elevation FROM old_itinerary_days;
INSERT INTO outbox SELECT id, user_id, recipient, kind, created_at, attempts, due_at FROM old_outbox;
INSERT INTO counted_acts SELECT key, counts_until FROM old_counted_acts;
INSERT INTO known_clients SELECT key, known_until FROM old_known_clients;

DROP TABLE old_itinerary_days;
DROP TABLE old_markers;
DROP TABLE old_deletions;
DROP TABLE old_journeys;
DROP TABLE old_refresh_tokens;
DROP TABLE old_legacy_refresh_tokens;
DROP TABLE old_sessions;
DROP TABLE old_idempotency_keys;
DROP TABLE old_invitations;
DROP TABLE old_outbox;
DROP TABLE old_counted_acts;
DROP TABLE old_known_clients;
DROP TABLE old_users;
