//! Objects as a pack: for whoever fetches, and for what we make ourselves.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use gix::hash::Kind as Hash;
use gix::objs::Kind;
use gix::parallel::InOrderIter;
use gix_pack::data;
use gix_pack::data::output::bytes::FromEntriesIter;
use gix_pack::data::output::count::PackLocation;
use gix_pack::data::output::{Count, Entry, entry};

use super::receive::Received;
use super::{Bare, Error, Oid, stop_if};

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

/// Objects that are made here: files that an API writes, commits of merges.
/// They are in the repository only after [`NewObjects::keep`].
#[derive(Debug, Default)]
pub struct NewObjects {
    all: Vec<(Oid, Kind, Vec<u8>)>,
}

impl NewObjects {
    /// What a repository has written into its memory.
    pub(super) fn of(repo: &mut gix::Repository) -> Self {
        let memory = repo.objects.take_object_memory().unwrap_or_default();
        let mut all: Vec<(Oid, Kind, Vec<u8>)> = memory
            .iter()
            .map(|(id, (kind, bytes))| (*id, *kind, bytes.clone()))
            .collect();
        // The order of a map is not the same twice; that of packs should be.
        all.sort_by_key(|(id, ..)| *id);
        Self { all }
    }

    /// Puts the objects into the repository, durably.
    ///
    /// # Errors
    /// When the disk refuses, or an object names what is not there.
    pub fn keep(self, bare: &Bare, tips: &[Oid]) -> Result<(), Error> {
        if self.all.is_empty() {
            return Ok(());
        }
        let stop = AtomicBool::new(false);
        let pack = self.packed()?;
        let received = Received::unpack(bare, &mut pack.as_slice(), &stop)?;
        for refused in received.check(tips, &stop)? {
            refused?;
        }
        received.keep()
    }

    fn packed(&self) -> Result<Vec<u8>, Error> {
        let mut entries = Vec::with_capacity(self.all.len());
        for (id, kind, bytes) in &self.all {
            let count = Count::from_data(*id, None);
            let object = gix::objs::Data {
                kind: *kind,
                object_hash: Hash::Sha1,
                data: bytes,
            };
            entries.push(Entry::from_data(
                &count,
                &object,
                gix::zlib::Compression::BEST_SPEED,
            )?);
        }
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let mut out = Vec::new();
        let input = std::iter::once(Ok(entries));
        for written in FromEntriesIter::new(input, &mut out, count, data::Version::V2, Hash::Sha1) {
            written?;
        }
        Ok(out)
    }
}
