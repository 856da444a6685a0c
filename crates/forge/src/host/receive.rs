//! What a push wants, its pack, and the report (`gitprotocol-pack`).

use std::collections::HashSet;
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use gix::bstr::ByteSlice;
use gix::hash::Kind as Hash;
use gix_pack::Bundle;
use gix_pack::bundle::write::Options;

use super::packet::{self, Packet};
use super::{
    Bare, Error, Oid, check, no_oid, open_odb, parse_oid, sync_directory, without_refresh,
};

/// Bytes of a ref's name.
const LONGEST_NAME: usize = 255;

/// One ref that a push wants to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The full name.
    pub name: String,
    /// What the client believes it to be; `None`: it does not exist.
    pub old: Option<Oid>,
    /// What it shall be; `None`: removed.
    pub new: Option<Oid>,
}

/// What stands before the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// The refs, each at most once.
    pub commands: Vec<Command>,
    /// All or nothing.
    pub atomic: bool,
    /// The client wants to be told what became of each ref.
    pub reports: bool,
    /// The report goes through band 1.
    pub banded: bool,
}

impl Push {
    /// Reads the commands; what follows in `input` is the pack.
    ///
    /// # Errors
    /// What is not the protocol, more commands than allowed, names that no ref
    /// may have, and a ref named twice.
    pub fn read(input: &mut dyn Read, most: usize) -> Result<Self, Error> {
        let mut push = Self::default();
        let mut names = HashSet::new();
        let mut buffer = Vec::new();
        let mut first = true;
        loop {
            let data = match packet::read(input, &mut buffer)? {
                Packet::Flush => return Ok(push),
                Packet::Data(data) => data,
                Packet::Delimiter | Packet::End => {
                    return Err(Error::Client("a delimiter among the commands".to_owned()));
                }
            };
            let (text, capabilities) = match data.split_once_str(b"\0") {
                Some((text, rest)) => (text, Some(rest)),
                None => (data, None),
            };
            if let (Some(words), true) = (capabilities, first) {
                push.capabilities(&words.to_str_lossy());
            }
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let text = text
                .to_str()
                .map_err(|_| Error::Client("the name of a ref is not UTF-8".to_owned()))?;
            if text.starts_with("shallow ") {
                continue;
            }
            first = false;
            let command = command(text)?;
            if !names.insert(command.name.clone()) {
                return Err(Error::Client(format!(
                    "{} is named twice in one push",
                    command.name
                )));
            }
            push.commands.push(command);
            if push.commands.len() > most {
                return Err(Error::TooMuch {
                    what: "the number of refs in one push",
                    limit: most as u64,
                });
            }
        }
    }

    fn capabilities(&mut self, words: &str) {
        for word in words.trim().split(' ') {
            match word {
                "atomic" => self.atomic = true,
                "report-status" => self.reports = true,
                "side-band-64k" => self.banded = true,
                _ => {}
            }
        }
    }

    /// Whether a pack follows: it does unless everything is removed.
    pub fn has_pack(&self) -> bool {
        self.commands.iter().any(|command| command.new.is_some())
    }
}

fn command(text: &str) -> Result<Command, Error> {
    let mut parts = text.splitn(3, ' ');
    let mut id = || parts.next().and_then(parse_oid);
    let (old, new) = (id(), id());
    let (Some(old), Some(new), Some(name)) = (old, new, parts.next()) else {
        return Err(Error::Client(format!(
            "`{}` is not a command of a push",
            text.escape_debug()
        )));
    };
    let some = |id: Oid| (id != no_oid()).then_some(id);
    Ok(Command {
        name: name.to_owned(),
        old: some(old),
        new: some(new),
    })
}

impl Command {
    /// Whether this name may be given to a ref at all; else why not.
    ///
    /// # Errors
    /// The reason, for people.
    pub fn check_name(&self) -> Result<(), String> {
        let name = self.name.as_str();
        if name.len() > LONGEST_NAME {
            return Err(format!("its name is longer than {LONGEST_NAME} bytes"));
        }
        if name.starts_with("refs/pull/") || name.starts_with("refs/portway/") {
            return Err("refs of pull requests are kept by Portway".to_owned());
        }
        let inside = name
            .strip_prefix("refs/")
            .is_some_and(|rest| rest.split('/').count() >= 2);
        if !inside || name.ends_with("/HEAD") {
            return Err("refs are named refs/heads/…, refs/tags/… or refs/notes/…".to_owned());
        }
        if name.split('/').any(|part| part.starts_with('-')) {
            return Err("a part of its name begins with `-`".to_owned());
        }
        match gix::validate::reference::name(name.as_bytes().as_bstr()) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("it is not a valid name of a ref: {error}")),
        }
    }
}

/// A pack that lies beside the repository until it is checked. Dropping it
/// removes it.
#[derive(Debug)]
pub struct Received {
    bare: Bare,
    /// A directory of objects of its own, which looks into the repository's.
    directory: tempfile::TempDir,
    /// The pack and its index; nothing for an empty pack.
    files: Option<(PathBuf, PathBuf)>,
}

impl Received {
    /// Reads a pack and makes its index; `stop` ends the work. Objects that it leaves out because
    /// the repository has them are taken from there.
    ///
    /// # Errors
    /// A pack that is broken, or has too many or too large objects.
    pub fn unpack(bare: &Bare, pack: &mut dyn Read, stop: &AtomicBool) -> Result<Self, Error> {
        let io = || Error::io("keeping what was received");
        std::fs::create_dir_all(bare.incoming()).map_err(io())?;
        let directory = tempfile::Builder::new()
            .prefix("push-")
            .tempdir_in(bare.incoming())
            .map_err(io())?;
        let (packs, info) = (directory.path().join("pack"), directory.path().join("info"));
        std::fs::create_dir(&packs).map_err(io())?;
        std::fs::create_dir(&info).map_err(io())?;
        let objects = bare.objects_directory();
        let objects = objects.canonicalize().map_err(io())?;
        std::fs::write(
            info.join("alternates"),
            format!("{}\n", objects.to_string_lossy()),
        )
        .map_err(io())?;
        let mut input = BufReader::with_capacity(64 << 10, Counted::new(pack, bare.limits.objects));
        let outcome = Bundle::write_to_directory(
            &mut input,
            Some(&packs),
            &mut gix::progress::Discard,
            stop,
            Some(without_refresh(bare.odb()?)),
            Hash::Sha1,
            Options {
                thread_limit: Some(2),
                alloc_limit_bytes: Some(bare.limits.object),
                ..Options::default()
            },
        )
        .map_err(|error| Error::Objects(explained(bare, &error)))?;
        Ok(Self {
            bare: bare.clone(),
            directory,
            files: outcome.data_path.zip(outcome.index_path),
        })
    }

    /// Whether each tip, with all that it leads to, is there and harmless. The
    /// answers are in the order of the tips.
    ///
    /// # Errors
    /// When objects cannot be read at all.
    pub fn check(&self, tips: &[Oid], stop: &AtomicBool) -> Result<Vec<Result<(), Error>>, Error> {
        let fresh = without_refresh(open_odb(self.directory.path())?);
        let kept = without_refresh(self.bare.odb()?);
        let mut check = check::Check::new(&fresh, &kept, stop);
        Ok(tips.iter().map(|tip| check.tip(*tip)).collect())
    }

    /// Bytes that keeping it would add.
    pub fn size(&self) -> u64 {
        let Some((pack, index)) = &self.files else {
            return 0;
        };
        [pack, index]
            .iter()
            .filter_map(|path| path.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// Whether `old` comes before `new`, which may be in this pack.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn is_ancestor(&self, old: Oid, new: Oid) -> Result<bool, Error> {
        let odb = open_odb(self.directory.path())?;
        super::select::Graph::new(&odb, self.bare.limits.walk).is_ancestor(old, new)
    }

    /// Whether this id is a commit.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn is_commit(&self, id: Oid) -> Result<bool, Error> {
        let odb = open_odb(self.directory.path())?;
        Ok(super::select::Graph::new(&odb, 1).node(id)?.is_some())
    }

    /// Puts the pack into the repository. It is on the disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(self) -> Result<(), Error> {
        let io = || Error::io("keeping what was received");
        let Some((pack, index)) = &self.files else {
            return Ok(());
        };
        let home = self.bare.objects_directory().join("pack");
        // The index last: without it nobody looks at the pack.
        for path in [pack, index] {
            let file = std::fs::File::open(path).map_err(io())?;
            file.sync_all().map_err(io())?;
            let name = path.file_name().unwrap_or_default();
            let there = home.join(name);
            if !there.exists() {
                std::fs::rename(path, there).map_err(io())?;
            }
        }
        sync_directory(&home)
    }
}

fn explained(bare: &Bare, error: &gix::Error) -> String {
    let causes = crate::git::causes(error);
    let too_much = ["allocation", "limit", "fit in memory"];
    if too_much.iter().any(|words| causes.contains(words)) {
        return format!(
            "an object of the pack is larger than {} bytes, or there are more than {} objects ({causes})",
            bare.limits.object, bare.limits.objects
        );
    }
    format!("the pack is broken: {causes}")
}

/// Looks at the number of objects in a pack's header while it goes by.
struct Counted<'a> {
    inner: &'a mut dyn Read,
    most: u32,
    head: Vec<u8>,
}

impl<'a> Counted<'a> {
    fn new(inner: &'a mut dyn Read, most: u32) -> Self {
        Self {
            inner,
            most,
            head: Vec::with_capacity(12),
        }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if self.head.len() < 12 {
            let read = buffer.get(..count).unwrap_or_default();
            let lacks = 12 - self.head.len();
            self.head.extend(read.iter().take(lacks));
            if let [_, _, _, _, _, _, _, _, a, b, c, d] = self.head.as_slice() {
                let objects = u32::from_be_bytes([*a, *b, *c, *d]);
                if objects > self.most {
                    return Err(std::io::Error::other(format!(
                        "{objects} objects are more than the limit of {}",
                        self.most
                    )));
                }
            }
        }
        Ok(count)
    }
}

/// The report on a push: what became of the pack, and of each ref.
///
/// # Errors
/// What `out` says.
pub fn report(
    push: &Push,
    unpacked: Result<(), &str>,
    refs: &[(String, Result<(), String>)],
    messages: &[String],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut text = Vec::new();
    if push.reports {
        let one_line = |text: &str| text.replace(['\n', '\r'], " ");
        match unpacked {
            Ok(()) => packet::line(&mut text, "unpack ok")?,
            Err(reason) => packet::line(&mut text, &format!("unpack {}", one_line(reason)))?,
        }
        for (name, outcome) in refs {
            match outcome {
                Ok(()) => packet::line(&mut text, &format!("ok {name}"))?,
                Err(reason) => {
                    packet::line(&mut text, &format!("ng {name} {}", one_line(reason)))?;
                }
            }
        }
        packet::flush(&mut text)?;
    }
    if !push.banded {
        return out.write_all(&text);
    }
    for message in messages {
        packet::band(out, 2, format!("{message}\n").as_bytes())?;
    }
    for chunk in text.chunks(65_515) {
        packet::band(out, 1, chunk)?;
    }
    packet::flush(out)
}
