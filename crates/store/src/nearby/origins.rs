use kairos_domain::geo::{Distance, EARTH_RADIUS_METRES, Position, UnitVector};

/// How much wider than asked the index is searched, in metres: distances count rounded to the millimetre, so that one a little beyond
/// the radius is within it.
const ROUNDING_METRES: f64 = 0.001;

/// By how much the squares of two equal chords may differ for the rounding of their computation.
const CHORD_NOISE: f64 = 1e-9;

/// Up to how many origins a leaf holds: so few are gone through faster than divided.
const LEAF: usize = 8;

/// The places around which is searched, as a k-d tree of points on the unit sphere (J. L. Bentley, "Multidimensional binary search
/// trees used for associative searching", 1975). It says which parts of the index to read, a few boxes rather than one for each
/// of ten thousand markers, and how far a place is from the nearest of them.
pub(crate) struct Origins {
    root: Option<Node>,
    radius: Distance,
    /// What `radius` is as a straight line through the sphere, with a margin.
    reach: f64,
}

/// A box around points, edges included, with its sides along the axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoundingBox {
    pub(crate) from: UnitVector,
    pub(crate) to: UnitVector,
}

enum Node {
    Leaf(BoundingBox, Vec<UnitVector>),
    Branch(BoundingBox, Box<[Node; 2]>),
}

impl Origins {
    pub(crate) fn new(origins: &[Position], radius_metres: f64) -> Self {
        let points = origins.iter().map(|origin| origin.unit_vector()).collect();
        // Beyond a right angle the chord says too little about the angle: everything is searched.
        let angle = (radius_metres + ROUNDING_METRES) / EARTH_RADIUS_METRES;
        let reach = if angle < std::f64::consts::FRAC_PI_2 {
            2.0 * (angle / 2.0).sin() * (1.0 + CHORD_NOISE)
        } else {
            2.1
        };
        Self {
            root: Node::of(points),
            radius: Distance::from_metres(radius_metres),
            reach,
        }
    }

    /// The boxes that together hold every point within the radius of some origin. Each is drawn around origins that lie closer
    /// together than the radius, so that it holds little else.
    pub(crate) fn search_areas(&self) -> Vec<BoundingBox> {
        let mut areas = Vec::new();
        let mut nodes: Vec<&Node> = self.root.iter().collect();
        while let Some(node) = nodes.pop() {
            match node {
                Node::Branch(bounds, halves) if bounds.longest_side() > self.reach => {
                    nodes.extend(halves.iter());
                }
                Node::Leaf(bounds, points) if bounds.longest_side() > self.reach => {
                    areas.extend(
                        points
                            .iter()
                            .map(|point| BoundingBox::around(*point).widened(self.reach)),
                    );
                }
                Node::Branch(bounds, _) | Node::Leaf(bounds, _) => areas.push(bounds.widened(self.reach)),
            }
        }
        areas
    }

    /// What the radius is as a straight line through the sphere, in its radii.
    pub(crate) const fn reach(&self) -> f64 {
        self.reach
    }

    /// Whether some point of a box may lie within the radius of some origin.
    pub(crate) fn reach_into(&self, area: &BoundingBox) -> bool {
        self.root
            .as_ref()
            .is_some_and(|root| root.is_within(self.reach * self.reach, area))
    }

    /// How far a place is from the nearest origin; `None` if that is beyond the radius.
    pub(crate) fn distance_to(&self, place: Position) -> Option<Distance> {
        let mut nearest = Nearest {
            place: place.unit_vector(),
            chord_squared: self.reach * self.reach,
            distance: None,
        };
        self.root.iter().for_each(|root| nearest.look_in(root));
        nearest.distance.filter(|distance| *distance <= self.radius)
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

    /// Whether some origin is as near to a box as that chord.
    fn is_within(&self, chord_squared: f64, area: &BoundingBox) -> bool {
        area.chord_squared_between(self.bounds()) <= chord_squared
            && match self {
                Self::Leaf(_, points) => points
                    .iter()
                    .any(|point| area.chord_squared_to(*point) <= chord_squared),
                Self::Branch(_, halves) => halves.iter().any(|half| half.is_within(chord_squared, area)),
            }
    }
}

/// A search for the nearest origin. Chords, which cost little, sort out; the domain's distance decides.
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

    /// Whether a chord may be as short as the shortest, but for rounding.
    fn may_be_as_near(&self, chord_squared: f64) -> bool {
        // The second margin is for chords of a few millimetres, whose relative error is large.
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

    /// The box with every side moved outward by a chord: it holds all that is so near to a point of this one.
    fn widened(&self, by: f64) -> Self {
        Self {
            from: UnitVector {
                x: self.from.x - by,
                y: self.from.y - by,
                z: self.from.z - by,
            },
            to: UnitVector {
                x: self.to.x + by,
                y: self.to.y + by,
                z: self.to.z + by,
            },
        }
    }

    fn sides(&self) -> [f64; 3] {
        [
            self.to.x - self.from.x,
            self.to.y - self.from.y,
            self.to.z - self.from.z,
        ]
    }

    fn longest_side(&self) -> f64 {
        self.sides().into_iter().fold(0.0, f64::max)
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

    /// The square of the shortest chord from a point to the box, zero from within.
    fn chord_squared_to(&self, point: UnitVector) -> f64 {
        self.chord_squared_between(&Self::around(point))
    }

    /// The square of the shortest chord from one box to another, zero if they touch.
    fn chord_squared_between(&self, other: &Self) -> f64 {
        let gap = |from: f64, to: f64, other_from: f64, other_to: f64| {
            (from - other_to).max(other_from - to).max(0.0)
        };
        let x = gap(self.from.x, self.to.x, other.from.x, other.to.x);
        let y = gap(self.from.y, self.to.y, other.from.y, other.to.y);
        let z = gap(self.from.z, self.to.z, other.from.z, other.to.z);
        x * x + y * y + z * z
    }
}

#[cfg(test)]
mod tests;
