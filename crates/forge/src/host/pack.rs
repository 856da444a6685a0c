//! Objects as a pack, for whoever fetches.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use gix::hash::Kind as Hash;
use gix::parallel::InOrderIter;
use gix_pack::data;
use gix_pack::data::output::bytes::FromEntriesIter;
use gix_pack::data::output::count::PackLocation;
use gix_pack::data::output::{Count, entry};

use super::{Error, Oid, stop_if};

/// Writes these objects as a pack. Entries that lie packed are copied as they
/// are.
pub(super) fn write(
    mut odb: gix::odb::Handle,
    objects: Vec<Oid>,
    out: &mut dyn Write,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let count = u32::try_from(objects.len()).map_err(|_| Error::TooMuch {
        what: "the number of objects",
        limit: u64::from(u32::MAX),
    })?;
    odb.prevent_pack_unload();
    let counts = objects
        .into_iter()
        .map(|id| Count {
            id,
            entry_pack_location: PackLocation::NotLookedUp,
        })
        .collect();
    let options = entry::iter_from_counts::Options {
        thread_limit: Some(2),
        allow_thin_pack: false,
        chunk_size: 50,
        compression: gix::zlib::Compression::BEST_SPEED,
        ..Default::default()
    };
    let entries = entry::iter_from_counts(counts, odb, Box::new(gix::progress::Discard), options)?;
    let entries = InOrderIter::from(entries);
    for written in FromEntriesIter::new(entries, out, count, data::Version::V2, Hash::Sha1) {
        stop_if(stop)?;
        written?;
    }
    Ok(())
}
