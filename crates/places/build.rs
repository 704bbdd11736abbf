//! Turns the list of towns into tables that the search reads as they are, without parsing at start.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a build script ends the build when something is wrong, and reads cargo's variables"
)]

use std::env;
use std::fs;
use std::path::Path;

use kairos_domain::geo::UnitVector;

#[path = "src/folding.rs"]
mod folding;

struct Town<'a> {
    /// Bytes of the list before the name.
    name_at: usize,
    name: &'a str,
    country: &'a str,
    /// In 1/1000 degree.
    latitude: i32,
    longitude: i32,
    population: u32,
}

impl Town<'_> {
    fn unit_vector(&self) -> [f64; 3] {
        let degrees = |thousandths: i32| f64::from(thousandths) / 1000.0;
        let UnitVector { x, y, z } = UnitVector::at_degrees(degrees(self.longitude), degrees(self.latitude));
        [x, y, z]
    }
}

fn main() {
    println!("cargo::rerun-if-changed=towns.txt");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/folding.rs");
    let list = fs::read_to_string("towns.txt").unwrap();
    let mut towns = read(&list);
    arrange(&mut towns, 0);
    let mut table = Vec::new();
    for town in &towns {
        table.extend(u32::try_from(town.name_at).unwrap().to_le_bytes());
        table.extend(town.latitude.to_le_bytes());
        table.extend(town.longitude.to_le_bytes());
        table.extend(town.population.to_le_bytes());
        table.extend(town.country.as_bytes());
        table.extend(u16::try_from(town.name.len()).unwrap().to_le_bytes());
    }
    let mut by_name: Vec<(String, u32)> = (0..)
        .zip(&towns)
        .map(|(index, town)| (folding::folded(town.name), index))
        .collect();
    by_name.sort_unstable();
    let by_name: Vec<u8> = by_name
        .iter()
        .flat_map(|(_, index)| index.to_le_bytes())
        .collect();
    let out = env::var_os("OUT_DIR").unwrap();
    fs::write(Path::new(&out).join("towns"), table).unwrap();
    fs::write(Path::new(&out).join("towns_by_name"), by_name).unwrap();
}

/// Reads the list. A line without a tab is the ISO code of the country of the lines after it.
fn read(list: &str) -> Vec<Town<'_>> {
    let mut towns = Vec::new();
    let mut country = "";
    let mut line_at = 0;
    for line in list.split_inclusive('\n') {
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        match fields.as_slice() {
            [code] => country = code,
            [name, latitude, longitude, population] => towns.push(Town {
                name_at: line_at,
                name,
                country,
                latitude: latitude.parse().unwrap(),
                longitude: longitude.parse().unwrap(),
                population: population.parse().unwrap(),
            }),
            _ => unreachable!("a line of the list has {} fields", fields.len()),
        }
        assert_eq!(country.len(), 2, "a country's code has two letters");
        line_at += line.len();
    }
    towns
}

/// Arranges towns as a k-d tree: the middle one divides the others by one axis, halves alternate the axes.
fn arrange(towns: &mut [Town<'_>], axis: usize) {
    if towns.len() < 2 {
        return;
    }
    let middle = towns.len() / 2;
    let coordinate = |town: &Town<'_>| town.unit_vector().into_iter().nth(axis).unwrap();
    towns.select_nth_unstable_by(middle, |one, other| coordinate(one).total_cmp(&coordinate(other)));
    let (before, after) = towns.split_at_mut(middle);
    arrange(before, (axis + 1) % 3);
    if let Some((_, after)) = after.split_first_mut() {
        arrange(after, (axis + 1) % 3);
    }
}
