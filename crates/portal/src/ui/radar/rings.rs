//! A technology radar: rings from adopt to hold, four quadrants, and the same
//! entries as lists. Nothing moves between two loads unless its ring does.

use std::f64::consts::FRAC_PI_2;

use askama::Template;

use crate::ui::Html;
use crate::view::View;

/// Entries beyond this are only in the lists.
const MOST_DRAWN: usize = 300;
const MOST_RINGS: usize = 6;
/// The box is twice this wide and high.
const MIDDLE: f64 = 320.0;
const RADIUS: f64 = 300.0;
/// Places that are tried for each entry.
const TRIES: u32 = 48;
/// Distance that keeps two marks apart.
const ROOM: f64 = 26.0;

/// How an entry moved since the last edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moved {
    /// It stays where it was.
    #[default]
    Not,
    /// Towards the middle.
    In,
    /// Away from the middle.
    Out,
    /// It was not there.
    New,
}

impl Moved {
    const fn key(self) -> &'static str {
        match self {
            Self::Not => "radar-same",
            Self::In => "radar-in",
            Self::Out => "radar-out",
            Self::New => "radar-new",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::In => "in",
            Self::Out => "out",
            Self::New => "new",
        }
    }
}

/// One technology.
#[derive(Clone, Debug, Default)]
pub struct Blip {
    /// What it is called; also decides its place within its segment.
    pub name: String,
    /// Index of its ring; what is too large counts as the last.
    pub ring: usize,
    /// Index of its quadrant, 0 to 3; what is too large counts as the last.
    pub quadrant: usize,
    /// How it moved.
    pub moved: Moved,
    /// Where it leads.
    pub href: Option<String>,
    /// For example `12 services`.
    pub note: String,
}

/// A radar of technologies.
#[derive(Clone, Debug, Default)]
pub struct TechRadar {
    /// Unique on the page.
    pub id: String,
    /// What is shown.
    pub title: String,
    /// Names of one to six rings, from the middle.
    pub rings: Vec<String>,
    /// Names of four quadrants: upper left, upper right, lower right, lower left.
    pub quadrants: [String; 4],
    /// In any order; numbered by quadrant, ring and name.
    pub blips: Vec<Blip>,
}

impl TechRadar {
    /// The markup: drawing and lists.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&RadarTemplate {
            view,
            radar: self,
            drawn: self.drawn(),
        })
    }

    fn ring_count(&self) -> usize {
        self.rings.len().clamp(1, MOST_RINGS)
    }

    fn ring(&self, blip: &Blip) -> usize {
        blip.ring.min(self.ring_count() - 1)
    }

    /// Inner and outer edge. Rings become narrower outwards, so that each has
    /// a similar area.
    fn edges(&self, ring: usize) -> (f64, f64) {
        let count = self.ring_count() as f64;
        let edge = |index: f64| RADIUS * (index / count).powf(0.72);
        (edge(ring as f64), edge(ring as f64 + 1.0))
    }

    fn drawn(&self) -> Vec<Drawn<'_>> {
        let mut order: Vec<&Blip> = self.blips.iter().collect();
        order.sort_by(|a, b| {
            let key = |blip: &Blip| (blip.quadrant.min(3), self.ring(blip));
            key(a)
                .cmp(&key(b))
                .then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase()))
        });
        let mut taken: Vec<(f64, f64)> = Vec::new();
        order
            .into_iter()
            .enumerate()
            .map(|(index, blip)| {
                let at = (index < MOST_DRAWN).then(|| self.place(blip, &taken));
                taken.extend(at);
                Drawn {
                    number: index + 1,
                    blip,
                    ring: self.ring(blip),
                    at,
                }
            })
            .collect()
    }

    /// The first free of a fixed series of places, or the freest of them.
    fn place(&self, blip: &Blip, taken: &[(f64, f64)]) -> (f64, f64) {
        let (inner, outer) = self.edges(self.ring(blip));
        let (inner, outer) = (inner + 14.0, (outer - 14.0).max(inner + 15.0));
        let quadrant = blip.quadrant.min(3) as f64;
        let seed = f64::from(hash(&blip.name) % 1_000) / 1_000.0;
        let mut best = (MIDDLE, MIDDLE);
        let mut freest = -1.0;
        for number in 0..TRIES {
            // Two irrational steps spread points evenly (R2 sequence).
            let across = (seed + f64::from(number) * 0.754_877_666).fract();
            let along = (seed * 7.0 + f64::from(number) * 0.569_840_290).fract();
            // Marks keep away from the lines between the quadrants.
            let radius = (inner * inner + along * (outer * outer - inner * inner)).sqrt();
            let margin = (15.0 / radius.max(1.0)).min(0.6);
            let angle = (quadrant + 2.0) * FRAC_PI_2 + margin + across * (FRAC_PI_2 - 2.0 * margin);
            let (x, y) = (MIDDLE + radius * angle.cos(), MIDDLE + radius * angle.sin());
            let free = taken
                .iter()
                .map(|(a, b)| (a - x).hypot(b - y))
                .fold(f64::INFINITY, f64::min);
            if free > freest {
                (best, freest) = ((x, y), free);
            }
            if free >= ROOM {
                break;
            }
        }
        (best.0.round(), best.1.round())
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

struct Drawn<'a> {
    number: usize,
    blip: &'a Blip,
    ring: usize,
    at: Option<(f64, f64)>,
}

/// The name of a ring and what is in it.
type RingList<'a> = (&'a str, Vec<&'a Drawn<'a>>);

#[derive(Template)]
#[template(path = "components/radar.html")]
struct RadarTemplate<'a> {
    view: &'a View,
    radar: &'a TechRadar,
    drawn: Vec<Drawn<'a>>,
}

impl RadarTemplate<'_> {
    /// Outer edge and name of each ring, from the outermost.
    fn rings(&self) -> Vec<(f64, f64, &str)> {
        (0..self.radar.ring_count())
            .rev()
            .map(|ring| {
                let (inner, outer) = self.radar.edges(ring);
                let name = self.radar.rings.get(ring).map_or("", String::as_str);
                (
                    outer.round(),
                    (MIDDLE + (inner + outer) / 2.0).round(),
                    name,
                )
            })
            .collect()
    }

    fn ring_name(&self, ring: usize) -> &str {
        self.radar.rings.get(ring).map_or("", String::as_str)
    }

    /// What a list of one quadrant holds, ring by ring.
    fn lists(&self) -> Vec<(usize, &str, Vec<RingList<'_>>)> {
        self.radar
            .quadrants
            .iter()
            .enumerate()
            .map(|(quadrant, name)| {
                let rings = (0..self.radar.ring_count())
                    .map(|ring| {
                        let here = self
                            .drawn
                            .iter()
                            .filter(|one| one.blip.quadrant.min(3) == quadrant && one.ring == ring)
                            .collect();
                        (self.ring_name(ring), here)
                    })
                    .filter(|(_, here): &(_, Vec<_>)| !here.is_empty())
                    .collect();
                (quadrant, name.as_str(), rings)
            })
            .collect()
    }

    /// Where the name of a quadrant stands.
    fn corner(quadrant: usize) -> (f64, f64, &'static str) {
        match quadrant {
            0 => (8.0, 20.0, "start"),
            1 => (632.0, 20.0, "end"),
            2 => (632.0, 632.0, "end"),
            _ => (8.0, 632.0, "start"),
        }
    }
}
