-- Where each journey is on each day, as follows from its dated markers: a day between two of them lies on the great circle. It is renewed in the
-- transaction that writes a marker, and only finds who is likely to be met; what a rider is told is decided by the markers.
CREATE TABLE track_days (
    journey_id BLOB    NOT NULL REFERENCES journeys ON DELETE CASCADE,
    day        INTEGER NOT NULL, -- 1 is 1 January of the year 1
    day_cell   INTEGER NOT NULL, -- the day and the cell twenty-five kilometres wide, as one number
    longitude  REAL    NOT NULL,
    latitude   REAL    NOT NULL,
    PRIMARY KEY (journey_id, day)
) STRICT, WITHOUT ROWID;
-- All that a search reads.
CREATE INDEX track_days_by_day_cell ON track_days (day_cell, longitude, latitude);

-- Whether that has been done since the markers came by another way than one by one: they were there before this table was, or were copied here.
ALTER TABLE journeys ADD COLUMN has_track INTEGER NOT NULL DEFAULT 0 CHECK (has_track IN (0, 1));
CREATE INDEX journeys_without_track ON journeys (id) WHERE NOT has_track;
