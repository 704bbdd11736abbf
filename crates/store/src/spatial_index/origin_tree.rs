use kairos_domain::geo::{Distance, Position, UnitVector};

use super::chord::{CHORD_NOISE, chord_of};

/// Maximum number of origins in a leaf. Comparing so few one by one is faster than another level.
const LEAF: usize = 8;

/// The origins of a search, as a k-d tree of points on the unit sphere (J. L. Bentley, "Multidimensional
/// binary search trees used for associative searching", 1975). The tree finds the nearest of up to ten
/// thousand origins.
pub(crate) struct OriginTree {
    points: Vec<UnitVector>,
    root: Option<Node>,
    radius_metres: f64,
    /// The chord of `radius_metres`, with a margin.
    reach: f64,
}

/// An axis-aligned box around points, edges included.
#[derive(Debug, Clone, Copy)]
struct BoundingBox {
    from: UnitVector,
    to: UnitVector,
}

enum Node {
    Leaf(BoundingBox, Vec<UnitVector>),
    Branch(BoundingBox, Box<[Node; 2]>),
}

impl OriginTree {
    pub(crate) fn new(origins: &[Position], radius_metres: f64) -> Self {
        let points: Vec<_> = origins.iter().map(|origin| origin.unit_vector()).collect();
        Self {
            root: Node::of(points.clone()),
            points,
            radius_metres,
            reach: chord_of(radius_metres),
        }
    }

    /// Returns the places as points of the unit sphere, in their original order.
    pub(crate) fn points(&self) -> &[UnitVector] {
        &self.points
    }

    /// Returns the distance from a place to the nearest origin, or `None` beyond the radius.
    pub(crate) fn distance_to(&self, place: Position) -> Option<Distance> {
        let mut nearest = Nearest {
            place: place.unit_vector(),
            chord_squared: self.reach * self.reach,
            distance: None,
        };
        self.root.iter().for_each(|root| nearest.look_in(root));
        nearest
            .distance
            .filter(|distance| distance.metres() <= self.radius_metres)
    }
}

impl Node {
    fn of(mut points: Vec<UnitVector>) -> Option<Self> {
        let bounds = BoundingBox::of(&points)?;
        if points.len() <= LEAF {
            return Some(Self::Leaf(bounds, points));
        }
        let along = bounds.longest_axis();
        let middle = points.len() / 2;
        points.select_nth_unstable_by(middle, |a, b| along(a).total_cmp(&along(b)));
        let upper = points.split_off(middle);
        Some(Self::Branch(
            bounds,
            Box::new([Self::of(points)?, Self::of(upper)?]),
        ))
    }

    fn bounds(&self) -> &BoundingBox {
        match self {
            Self::Leaf(bounds, _) | Self::Branch(bounds, _) => bounds,
        }
    }
}

/// A search for the nearest origin. Cheap chords exclude origins; the domain's distance decides.
struct Nearest {
    place: UnitVector,
    chord_squared: f64,
    distance: Option<Distance>,
}

impl Nearest {
    fn look_in(&mut self, node: &Node) {
        if !self.may_be_as_near(node.bounds().chord_squared_to(self.place)) {
            return;
        }
        match node {
            Node::Leaf(_, points) => points.iter().for_each(|point| self.compare(*point)),
            Node::Branch(_, halves) => {
                let [lower, upper] = &**halves;
                let is_above =
                    upper.bounds().chord_squared_to(self.place) < lower.bounds().chord_squared_to(self.place);
                let (near, far) = if is_above { (upper, lower) } else { (lower, upper) };
                self.look_in(near);
                self.look_in(far);
            }
        }
    }

    fn compare(&mut self, origin: UnitVector) {
        let chord_squared = self.place.chord_squared_to(origin);
        if self.may_be_as_near(chord_squared) {
            let distance = self.place.distance_to(origin);
            self.distance = Some(self.distance.map_or(distance, |nearest| nearest.min(distance)));
            self.chord_squared = self.chord_squared.min(chord_squared);
        }
    }

    /// Checks whether a chord may be as short as the shortest one, except for rounding.
    fn may_be_as_near(&self, chord_squared: f64) -> bool {
        // The second margin covers chords of a few millimetres, which have a large relative error.
        chord_squared <= self.chord_squared * (1.0 + CHORD_NOISE) + CHORD_NOISE * CHORD_NOISE
    }
}

impl BoundingBox {
    fn of(points: &[UnitVector]) -> Option<Self> {
        let (first, rest) = points.split_first()?;
        let bounds = rest.iter().fold(Self::around(*first), |bounds, point| Self {
            from: UnitVector {
                x: bounds.from.x.min(point.x),
                y: bounds.from.y.min(point.y),
                z: bounds.from.z.min(point.z),
            },
            to: UnitVector {
                x: bounds.to.x.max(point.x),
                y: bounds.to.y.max(point.y),
                z: bounds.to.z.max(point.z),
            },
        });
        Some(bounds)
    }

    const fn around(point: UnitVector) -> Self {
        Self {
            from: point,
            to: point,
        }
    }

    fn sides(&self) -> [f64; 3] {
        [
            self.to.x - self.from.x,
            self.to.y - self.from.y,
            self.to.z - self.from.z,
        ]
    }

    fn longest_axis(&self) -> fn(&UnitVector) -> f64 {
        let [x, y, z] = self.sides();
        if x >= y && x >= z {
            |point| point.x
        } else if y >= z {
            |point| point.y
        } else {
            |point| point.z
        }
    }

    /// Returns the square of the shortest chord from a point to the box, zero inside the box.
    fn chord_squared_to(&self, point: UnitVector) -> f64 {
        let gap = |from: f64, coordinate: f64, to: f64| (from - coordinate).max(coordinate - to).max(0.0);
        let x = gap(self.from.x, point.x, self.to.x);
        let y = gap(self.from.y, point.y, self.to.y);
        let z = gap(self.from.z, point.z, self.to.z);
        x * x + y * y + z * z
    }
}

#[cfg(test)]
mod tests;
