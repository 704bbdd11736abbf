-- Where the markers are, as the numbers of their cells: the cube around the unit sphere divided into eight, each part again, twenty-one times. A
-- circle is a few ranges of them, which an index holds with all that a search reads. They take the place of the R*Tree,
-- which knows rectangles of degrees only: a circle at a pole or across 180° is several of them.
DROP TRIGGER a_marker_leaves_its_place;
DROP TABLE marker_places;
ALTER TABLE markers ADD COLUMN cell INTEGER; -- null only in this migration
UPDATE markers SET cell = finest_cell(longitude, latitude);
CREATE INDEX markers_by_cell ON markers (cell, journey_id, id, longitude, latitude);
