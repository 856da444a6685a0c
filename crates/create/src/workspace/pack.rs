//! A workspace as one run of bytes: what survives a restart, and what another
//! replica begins with.
//!
//! A format of our own, because it is read by nobody else: for each entry a
//! letter (`f`ile, e`x`ecutable, `d`irectory, `l`ink), the length of the path,
//! the path, the length of the content, the content; SHA-256 over all of it at
//! the end, so that half a file is never taken for a whole one.

use sha2::{Digest as _, Sha256};

use super::{EntryKind, Workspace};
use crate::action::StepError;

const MAGIC: &[u8; 8] = b"pwwork1\n";
const DIGEST: usize = 32;

/// Everything in a workspace.
///
/// # Errors
/// When it holds too much, or cannot be read.
pub(crate) fn pack(workspace: &Workspace) -> Result<Vec<u8>, StepError> {
    let mut packed = MAGIC.to_vec();
    for entry in workspace.entries()? {
        let (letter, content) = match &entry.kind {
            EntryKind::Folder => (b'd', Vec::new()),
            EntryKind::Link(target) => (b'l', target.clone().into_bytes()),
            EntryKind::File => {
                let letter = if entry.executable { b'x' } else { b'f' };
                (letter, workspace.read(&entry.path)?)
            }
        };
        packed.push(letter);
        for part in [entry.path.as_bytes(), &content] {
            packed.extend((part.len() as u64).to_le_bytes());
            packed.extend(part);
        }
    }
    let digest = Sha256::digest(&packed);
    packed.extend(digest.as_slice());
    Ok(packed)
}

/// Fills an empty workspace.
///
/// # Errors
/// When the bytes are not what [`pack`] has made.
pub(crate) fn unpack(packed: &[u8], workspace: &Workspace) -> Result<(), StepError> {
    let broken = || {
        StepError::new("What was kept of the workspace is damaged")
            .fixed_by("run the template again from its start")
    };
    let end = packed.len().checked_sub(DIGEST).ok_or_else(broken)?;
    let (body, digest) = packed.split_at_checked(end).ok_or_else(broken)?;
    if Sha256::digest(body).as_slice() != digest {
        return Err(broken());
    }
    let mut rest = body.strip_prefix(MAGIC).ok_or_else(broken)?;
    while let Some((letter, after)) = rest.split_first() {
        let (path, after) = part(after).ok_or_else(broken)?;
        let (content, after) = part(after).ok_or_else(broken)?;
        rest = after;
        let path = std::str::from_utf8(path).map_err(|_| broken())?;
        match letter {
            b'd' => workspace.make_folder(path)?,
            b'l' => {
                let target = std::str::from_utf8(content).map_err(|_| broken())?;
                workspace.link(path, target)?;
            }
            letter => workspace.write(path, content, *letter == b'x')?,
        }
    }
    Ok(())
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let one = Workspace::open(&folder.path().join("one")).expect("a workspace");
        one.write("a/b.txt", b"text", false).expect("written");
        one.write("run.sh", b"#!/bin/sh", true).expect("written");
        one.make_folder("empty/inner").expect("made");
        one.link("a/link", "b.txt").expect("linked");
        let packed = pack(&one).expect("packed");
        let two = Workspace::open(&folder.path().join("two")).expect("a workspace");
        unpack(&packed, &two).expect("unpacked");
        assert_eq!(
            one.entries().expect("listed"),
            two.entries().expect("listed")
        );
        assert_eq!(two.read("a/link").expect("followed"), b"text");
    }

    proptest! {
        #[test]
        fn whatever_else_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().expect("a folder");
            let workspace = Workspace::open(folder.path()).expect("a workspace");
            prop_assert!(unpack(&bytes, &workspace).is_err());
        }
    }
}
