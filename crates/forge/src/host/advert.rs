//! Which refs there are (`gitprotocol-http`, `gitprotocol-v2`).

use gix::objs::{Kind, TagRefIter};

use super::packet::{flush, line};
use super::{Bare, Error, Oid, Refs, no_oid};

/// What a client wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Clone and fetch.
    UploadPack,
    /// Push.
    ReceivePack,
}

impl Service {
    /// The service of `?service=…` or of the last part of the path.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "git-upload-pack" => Some(Self::UploadPack),
            "git-receive-pack" => Some(Self::ReceivePack),
            _ => None,
        }
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }
}

/// The version of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// What there always was.
    #[default]
    V0,
    /// The same, with a line that says so.
    V1,
    /// Commands.
    V2,
}

impl Version {
    /// The highest version in a `Git-Protocol` header.
    pub fn asked(header: &str) -> Self {
        let mut version = Self::V0;
        for part in header.split(':') {
            match part.trim() {
                "version=2" => return Self::V2,
                "version=1" => version = Self::V1,
                _ => {}
            }
        }
        version
    }
}

/// What we call ourselves.
pub(super) const AGENT: &str = concat!("agent=portway/", env!("CARGO_PKG_VERSION"));

const UPLOAD: &str = "multi_ack multi_ack_detailed thin-pack side-band side-band-64k ofs-delta \
shallow deepen-since deepen-not deepen-relative no-progress include-tag \
allow-tip-sha1-in-want allow-reachable-sha1-in-want object-format=sha1";
const RECEIVE: &str =
    "report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1";

/// The answer to `GET …/info/refs?service=…`.
///
/// # Errors
/// When the object of a tag cannot be read.
pub fn advertise(
    bare: &Bare,
    refs: &Refs,
    service: Service,
    version: Version,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write(bare, refs, (service, version), &mut out)?;
    Ok(out)
}

fn write(
    bare: &Bare,
    refs: &Refs,
    (service, version): (Service, Version),
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let io = || Error::io("writing to memory");
    if service == Service::UploadPack && version == Version::V2 {
        for text in [
            "version 2",
            AGENT,
            "ls-refs=unborn",
            "fetch=shallow",
            "object-format=sha1",
        ] {
            line(out, text).map_err(io())?;
        }
        return flush(out).map_err(io());
    }
    line(out, &format!("# service={}", service.name())).map_err(io())?;
    flush(out).map_err(io())?;
    if version == Version::V1 {
        line(out, "version 1").map_err(io())?;
    }
    let mut capabilities = Some(match service {
        Service::UploadPack if refs.head_id().is_some() => {
            format!("{UPLOAD} symref=HEAD:{} {AGENT}", refs.head)
        }
        Service::UploadPack => format!("{UPLOAD} {AGENT}"),
        Service::ReceivePack => format!("{RECEIVE} {AGENT}"),
    });
    let mut one = |name: &str, id: Oid| {
        let text = match capabilities.take() {
            Some(capabilities) => format!("{id} {name}\0{capabilities}"),
            None => format!("{id} {name}"),
        };
        line(out, &text).map_err(io())
    };
    if service == Service::UploadPack
        && let Some(id) = refs.head_id()
    {
        one("HEAD", id)?;
    }
    let odb = bare.odb()?;
    for (name, id) in &refs.all {
        one(name, *id)?;
        if service == Service::UploadPack
            && let Some(peeled) = peeled(&odb, name, *id)?
        {
            one(&format!("{name}^{{}}"), peeled)?;
        }
    }
    if refs.all.is_empty() {
        one("capabilities^{}", no_oid())?;
    }
    flush(out).map_err(io())
}

/// What an annotated tag is for; `None` for everything else.
pub(super) fn peeled(
    odb: &impl gix::objs::Find,
    name: &str,
    id: Oid,
) -> Result<Option<Oid>, Error> {
    if !name.starts_with("refs/tags/") {
        return Ok(None);
    }
    let end = peel(odb, id)?;
    Ok((end != id).then_some(end))
}

/// Follows tags to what they are for.
pub(super) fn peel(odb: &impl gix::objs::Find, mut id: Oid) -> Result<Oid, Error> {
    let mut buffer = Vec::new();
    for _ in 0..32 {
        match odb.try_find(&id, &mut buffer)? {
            Some(data) if data.kind == Kind::Tag => {
                id = TagRefIter::from_bytes(data.data, gix::hash::Kind::Sha1).target_id()?;
            }
            _ => return Ok(id),
        }
    }
    Err(Error::Objects(format!(
        "the tag {id} names a tag that names a tag, more than 32 times"
    )))
}
