//! Files in the examples of the document.

/// A GPX file with a line.
pub(crate) const LINE_GPX: &str = r#"<gpx version="1.1" creator="example" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg><trkpt lat="48.57" lon="13.43"/><trkpt lat="48.31" lon="14.29"/></trkseg></trk></gpx>"#;

/// A GPX file with a waypoint and a line.
pub(crate) const JOURNEY_GPX: &str = r#"<gpx version="1.1" creator="example" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="48.57" lon="13.43"><name>Passau</name></wpt><trk><trkseg><trkpt lat="48.57" lon="13.43"/><trkpt lat="48.31" lon="14.29"/></trkseg></trk></gpx>"#;

/// The same as GeoJSON.
pub(crate) const JOURNEY_GEOJSON: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Passau"},"geometry":{"type":"Point","coordinates":[13.43,48.57]}},{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[13.43,48.57],[14.29,48.31]]}}]}"#;

/// The same as KML.
pub(crate) const JOURNEY_KML: &str = r#"<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Passau</name><Point><coordinates>13.43,48.57</coordinates></Point></Placemark></Document></kml>"#;
