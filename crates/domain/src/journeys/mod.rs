//! Journeys and markers: what their riders do with them.
