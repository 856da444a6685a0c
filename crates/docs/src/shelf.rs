//! What is kept in memory: sites as they were read, pages as markup.
//!
//! There may be more documentation than fits. What goes is the text; what was
//! found at the place, and when, stays, or whoever looks at everything in turn
//! would read everything anew each time.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use model::entity_ref::EntityRef;
use parking_lot::Mutex;

use crate::markdown::{Part, Rendered};
use crate::service::Opened;

/// Sites that are kept, and bytes of their texts.
const MAX_SITES: usize = 256;
const MAX_BYTES: usize = 192 * 1024 * 1024;
/// Pages that are kept as markup, in bytes.
const MAX_RENDERED: usize = 32 * 1024 * 1024;

/// Whose folder, and which.
pub(crate) type Place = (EntityRef, String);

/// One at a time reads a site; others wait for it.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// The sites.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    by_place: HashMap<Place, Slot>,
    /// Counts how often somebody read something.
    reads: u64,
    /// Sites whose texts are kept, and the bytes of these.
    whole: usize,
    bytes: usize,
}

#[derive(Default)]
struct Slot {
    /// The last reading; 0 where it was only looked at.
    used: u64,
    opened: Option<Arc<Opened>>,
    turn: Turn,
}

impl Slot {
    fn weight(&self) -> Option<usize> {
        let opened = self.opened.as_ref()?;
        opened.site.as_ref().map(|_| opened.bytes)
    }
}

impl Shelf {
    /// What is known of a place, and the turn to read it. `read` says that
    /// somebody reads it, which keeps it longer.
    pub(crate) fn at(&self, place: &Place, read: bool) -> (Option<Arc<Opened>>, Turn) {
        let mut slots = self.0.lock();
        slots.reads += 1;
        let reads = slots.reads;
        let slot = slots.by_place.entry(place.clone()).or_default();
        if read {
            slot.used = reads;
        }
        (slot.opened.clone(), Arc::clone(&slot.turn))
    }

    /// Keeps what was found at a place, and lets go of the texts that nobody
    /// has read for longest.
    pub(crate) fn keep(&self, place: &Place, opened: &Arc<Opened>) {
        let mut guard = self.0.lock();
        let slots = &mut *guard;
        let Some(slot) = slots.by_place.get_mut(place) else {
            return;
        };
        if let Some(before) = slot.weight() {
            slots.whole -= 1;
            slots.bytes -= before.min(slots.bytes);
        }
        slot.opened = Some(Arc::clone(opened));
        if let Some(now) = slot.weight() {
            slots.whole += 1;
            slots.bytes += now;
        }
        while slots.whole > MAX_SITES || slots.bytes > MAX_BYTES {
            let others = slots
                .by_place
                .iter_mut()
                .filter(|(other, _)| *other != place);
            let whole = others.filter(|(_, slot)| slot.weight().is_some());
            let Some((_, oldest)) = whole.min_by_key(|(_, slot)| slot.used) else {
                return;
            };
            let weight = oldest.weight().unwrap_or(0);
            oldest.opened = oldest.opened.take().map(|opened| Arc::new(opened.let_go()));
            slots.whole -= 1;
            slots.bytes -= weight.min(slots.bytes);
        }
    }

    /// Forgets everything of these entities.
    pub(crate) fn forget(&self, gone: &BTreeSet<EntityRef>) {
        let mut guard = self.0.lock();
        let slots = &mut *guard;
        slots.by_place.retain(|(owner, _), _| !gone.contains(owner));
        let weights = slots.by_place.values().filter_map(Slot::weight);
        (slots.whole, slots.bytes) =
            weights.fold((0, 0), |(whole, bytes), weight| (whole + 1, bytes + weight));
    }
}

/// Pages as markup, those that were asked for last.
#[derive(Default)]
pub(crate) struct Pages(Mutex<VecDeque<Kept>>);

/// The version of a site, the key of a page, and the address around it.
pub(crate) type PageName = (String, String, String);

struct Kept {
    name: PageName,
    page: Arc<Rendered>,
    bytes: usize,
}

impl Pages {
    pub(crate) fn get(&self, name: &PageName) -> Option<Arc<Rendered>> {
        let kept = self.0.lock();
        let found = kept.iter().find(|kept| kept.name == *name);
        found.map(|kept| Arc::clone(&kept.page))
    }

    pub(crate) fn keep(&self, name: PageName, page: &Arc<Rendered>) {
        let bytes = size(page);
        let mut kept = self.0.lock();
        kept.push_front(Kept {
            name,
            page: Arc::clone(page),
            bytes,
        });
        let mut total = 0;
        let fits = |kept: &Kept| {
            total += kept.bytes;
            total <= MAX_RENDERED
        };
        let count = kept.iter().map(fits).take_while(|fits| *fits).count();
        kept.truncate(count);
    }
}

/// Bytes of a page, estimated.
fn size(page: &Rendered) -> usize {
    let parts = page.parts.iter().map(|part| match part {
        Part::Html(html) => html.len(),
        Part::Code { text, .. } => text.len(),
    });
    let sections = page.sections.iter().map(|section| section.text.len() + 200);
    let headings = page.headings.iter().map(|heading| heading.text.len() + 100);
    let anchors = page.anchors.iter().map(|anchor| anchor.len() + 50);
    let links = page.links.iter().map(|link| link.key.len() + 100);
    parts
        .chain(sections)
        .chain(headings)
        .chain(anchors)
        .chain(links)
        .sum::<usize>()
        + 10_000
}
