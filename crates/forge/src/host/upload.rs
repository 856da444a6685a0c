//! What a clone or fetch asks for, and its answer (`gitprotocol-pack`,
//! `gitprotocol-v2`). Over HTTP each request carries all that is known.

use std::collections::HashSet;
use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::advert::{peel, peeled};
use super::packet::{self, Band, Banded, Packet};
use super::select::{self, Boundary, Deepen, Graph, Wish};
use super::{Bare, Error, Oid, Refs, Version, pack, parse_oid, stop_if};

/// Objects that one request may name.
const MOST_NAMED: usize = 100_000;

/// Answers `POST …/git-upload-pack`.
///
/// # Errors
/// What the client asks for is not there or not allowed; `out` fails; `stop`
/// was set.
pub fn upload_pack(
    bare: &Bare,
    refs: &Refs,
    (version, request): (Version, &[u8]),
    out: &mut dyn Write,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let desk = Desk { bare, refs, stop };
    if version == Version::V2 {
        desk.command(request, out)
    } else {
        desk.exchange(request, out)
    }
}

struct Desk<'a> {
    bare: &'a Bare,
    refs: &'a Refs,
    stop: &'a AtomicBool,
}

/// What a client has said.
#[derive(Debug, Default)]
struct Asked {
    wants: Vec<Oid>,
    haves: Vec<Oid>,
    shallow: HashSet<Oid>,
    deepen: Deepen,
    include_tag: bool,
    done: bool,
    band: Band,
    multi_ack: u8,
    /// A flush came after haves: the client waits for an answer.
    waits: bool,
}

fn io(error: std::io::Error) -> Error {
    Error::io("answering the client")(error)
}

impl Asked {
    /// A line that both versions know. Answers whether it was one.
    fn line(&mut self, text: &str, refs: &Refs) -> Result<bool, Error> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "want" => {
                let (id, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
                self.wants.push(oid(id)?);
                self.capabilities(capabilities);
            }
            "have" => self.haves.push(oid(rest)?),
            "shallow" => drop(self.shallow.insert(oid(rest)?)),
            "deepen" => {
                let depth: u32 = rest.parse().map_err(|_| bad(text))?;
                if depth == 0 {
                    return Err(bad(text));
                }
                self.deepen.depth = Some(depth);
            }
            "deepen-since" => self.deepen.since = Some(rest.parse().map_err(|_| bad(text))?),
            "deepen-not" => {
                let id = [
                    rest.to_owned(),
                    format!("refs/heads/{rest}"),
                    format!("refs/tags/{rest}"),
                ]
                .iter()
                .find_map(|name| refs.get(name));
                let id = id.ok_or_else(|| {
                    Error::Client(format!("deepen-not names `{rest}`, which is no ref"))
                })?;
                self.deepen.not.push(id);
            }
            "deepen-relative" => self.deepen.relative = true,
            "include-tag" => self.include_tag = true,
            "done" => self.done = true,
            _ => return Ok(false),
        }
        if self.wants.len() + self.haves.len() + self.shallow.len() > MOST_NAMED {
            return Err(Error::TooMuch {
                what: "the number of objects in one request",
                limit: MOST_NAMED as u64,
            });
        }
        Ok(true)
    }

    fn capabilities(&mut self, text: &str) {
        for word in text.split(' ') {
            match word {
                "multi_ack" => self.multi_ack = self.multi_ack.max(1),
                "multi_ack_detailed" => self.multi_ack = 2,
                "side-band" if self.band == Band::None => self.band = Band::Small,
                "side-band-64k" => self.band = Band::Large,
                "include-tag" => self.include_tag = true,
                "deepen-relative" => self.deepen.relative = true,
                _ => {}
            }
        }
    }
}

fn oid(text: &str) -> Result<Oid, Error> {
    parse_oid(text).ok_or_else(|| Error::Client(format!("`{text}` is not the id of an object")))
}

fn bad(text: &str) -> Error {
    Error::Client(format!("`{text}` is not understood"))
}

impl Desk<'_> {
    /// Protocol v0 and v1.
    fn exchange(&self, mut request: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        let mut asked = Asked::default();
        // Wants, up to the first flush.
        while let Some(Packet::Data(_)) = peeked(request)? {
            let text = packet::next(&mut request)?.and_then(|one| one.text());
            let text = text.ok_or_else(|| bad("a line that is not UTF-8"))?;
            if !asked.line(text, self.refs)? {
                return Err(bad(text));
            }
        }
        packet::next(&mut request)?;
        if asked.wants.is_empty() {
            return Ok(());
        }
        let odb = self.bare.odb()?;
        let mut graph = Graph::new(&odb, self.bare.limits.walk);
        self.may_want(&mut graph, &odb, &asked.wants)?;
        let starts = commits_of(&odb, &asked.wants)?;
        let boundary = select::boundary(&mut graph, &starts, &asked.shallow, &asked.deepen)?;
        if asked.deepen.is_asked() {
            tell_boundary(&boundary, out)?;
            packet::flush(out).map_err(io)?;
        }
        let mut talk = Talk::default();
        while let Some(one) = packet::next(&mut request)? {
            stop_if(self.stop)?;
            match one {
                Packet::Flush => {
                    asked.waits = true;
                    talk.flush(&mut graph, &starts, &asked, out)?;
                }
                Packet::Data(_) => {
                    let text = one.text().ok_or_else(|| bad("a line that is not UTF-8"))?;
                    if !asked.line(text, self.refs)? {
                        return Err(bad(text));
                    }
                    if let Some(have) = text.strip_prefix("have ") {
                        talk.have(&mut graph, (&starts, oid(have)?), &asked, out)?;
                    }
                }
                Packet::Delimiter | Packet::End => return Err(bad("a delimiter")),
            }
            if asked.done {
                break;
            }
        }
        if !asked.done {
            return Ok(());
        }
        match talk.common.last() {
            Some(last) if asked.multi_ack > 0 => packet::line(out, &format!("ACK {last}")),
            Some(_) => Ok(()),
            None => packet::line(out, "NAK"),
        }
        .map_err(io)?;
        self.send((graph, odb.clone()), &asked, (&talk.common, &boundary), out)
    }

    /// One command of protocol v2.
    fn command(&self, mut request: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        let mut command = None;
        let mut arguments = Vec::new();
        let mut in_arguments = false;
        while let Some(one) = packet::next(&mut request)? {
            match one {
                Packet::Flush | Packet::End => break,
                Packet::Delimiter => in_arguments = true,
                Packet::Data(_) => {
                    let text = one.text().ok_or_else(|| bad("a line that is not UTF-8"))?;
                    if in_arguments {
                        arguments.push(text);
                    } else if let Some(name) = text.strip_prefix("command=") {
                        command = Some(name);
                    } else if text
                        .strip_prefix("object-format=")
                        .is_some_and(|name| name != "sha1")
                    {
                        return Err(Error::Client(
                            "objects of this repository have SHA-1 ids".to_owned(),
                        ));
                    }
                }
            }
        }
        match command {
            Some("ls-refs") => self.ls_refs(&arguments, out),
            Some("fetch") => self.fetch(&arguments, out),
            Some(other) => Err(Error::Client(format!(
                "the command `{other}` is not known; there are ls-refs and fetch"
            ))),
            None if arguments.is_empty() => Ok(()),
            None => Err(Error::Client("the request names no command".to_owned())),
        }
    }

    fn ls_refs(&self, arguments: &[&str], out: &mut dyn Write) -> Result<(), Error> {
        let has = |name: &str| arguments.contains(&name);
        let prefixes: Vec<&str> = arguments
            .iter()
            .filter_map(|one| one.strip_prefix("ref-prefix "))
            .collect();
        let wanted = |name: &str| {
            prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix))
        };
        let odb = self.bare.odb()?;
        if wanted("HEAD") {
            let symref = if has("symrefs") {
                format!(" symref-target:{}", self.refs.head)
            } else {
                String::new()
            };
            match self.refs.head_id() {
                Some(id) => packet::line(out, &format!("{id} HEAD{symref}")).map_err(io)?,
                None if has("unborn") => {
                    packet::line(out, &format!("unborn HEAD{symref}")).map_err(io)?;
                }
                None => {}
            }
        }
        for (name, id) in self.refs.all.iter().filter(|(name, _)| wanted(name)) {
            let peeled = if has("peel") {
                peeled(&odb, name, *id)?
            } else {
                None
            };
            let text = match peeled {
                Some(peeled) => format!("{id} {name} peeled:{peeled}"),
                None => format!("{id} {name}"),
            };
            packet::line(out, &text).map_err(io)?;
        }
        packet::flush(out).map_err(io)
    }

    fn fetch(&self, arguments: &[&str], out: &mut dyn Write) -> Result<(), Error> {
        let mut asked = Asked {
            band: Band::Large,
            ..Asked::default()
        };
        for text in arguments {
            let known = asked.line(text, self.refs)?;
            if !known && !matches!(*text, "thin-pack" | "no-progress" | "ofs-delta") {
                return Err(bad(text));
            }
        }
        if asked.wants.is_empty() {
            return Err(Error::Client("the request wants nothing".to_owned()));
        }
        let odb = self.bare.odb()?;
        let mut graph = Graph::new(&odb, self.bare.limits.walk);
        self.may_want(&mut graph, &odb, &asked.wants)?;
        let starts = commits_of(&odb, &asked.wants)?;
        let mut common = Vec::new();
        for have in &asked.haves {
            if graph.node(*have)?.is_some() {
                common.push(*have);
            }
        }
        if !asked.done && !asked.haves.is_empty() {
            packet::line(out, "acknowledgments").map_err(io)?;
            if common.is_empty() {
                packet::line(out, "NAK").map_err(io)?;
            }
            for id in &common {
                packet::line(out, &format!("ACK {id}")).map_err(io)?;
            }
            if !is_enough(&mut graph, &starts, &common)? {
                return packet::flush(out).map_err(io);
            }
            packet::line(out, "ready").map_err(io)?;
            packet::delimiter(out).map_err(io)?;
        }
        let boundary = select::boundary(&mut graph, &starts, &asked.shallow, &asked.deepen)?;
        if asked.deepen.is_asked() {
            packet::line(out, "shallow-info").map_err(io)?;
            tell_boundary(&boundary, out)?;
            packet::delimiter(out).map_err(io)?;
        }
        packet::line(out, "packfile").map_err(io)?;
        self.send((graph, odb.clone()), &asked, (&common, &boundary), out)
    }

    /// What may be had: whatever a ref names or reaches.
    fn may_want<F: gix::objs::Find>(
        &self,
        graph: &mut Graph<'_, F>,
        odb: &F,
        wants: &[Oid],
    ) -> Result<(), Error> {
        let tips: HashSet<Oid> = self.refs.all.iter().map(|(_, id)| *id).collect();
        let others: Vec<Oid> = wants
            .iter()
            .filter(|id| !tips.contains(*id))
            .copied()
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let mut starts = Vec::with_capacity(tips.len());
        for tip in tips {
            starts.push(peel(odb, tip)?);
        }
        let reached = graph.reach(&starts, &HashSet::new())?;
        match others.iter().find(|id| !reached.contains(*id)) {
            Some(id) => Err(Error::Client(format!("not our ref {id}"))),
            None => Ok(()),
        }
    }

    fn send<F: gix::objs::Find>(
        &self,
        (mut graph, odb): (Graph<'_, F>, gix::odb::Handle),
        asked: &Asked,
        (common, boundary): (&[Oid], &Boundary),
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let mut tags = Vec::new();
        if asked.include_tag {
            for (name, id) in &self.refs.all {
                tags.extend(peeled(&odb, name, *id)?.map(|target| (*id, target)));
            }
        }
        let wish = Wish {
            wants: &asked.wants,
            haves: common,
            known: &asked.shallow,
            tags: &tags,
        };
        let objects = select::objects(&mut graph, &wish, boundary)?;
        drop(graph);
        stop_if(self.stop)?;
        let mut banded = Banded::new(out, asked.band);
        let written = pack::write(odb, objects, &mut banded, self.stop);
        if let Err(error) = written {
            if asked.band != Band::None {
                let _ = packet::band(out, 3, format!("portway: {error}\n").as_bytes());
            }
            return Err(error);
        }
        banded.finish().map_err(io)?;
        out.flush().map_err(io)
    }
}

fn peeked(request: &[u8]) -> Result<Option<Packet<'_>>, Error> {
    let mut copy = request;
    packet::next(&mut copy)
}

/// The commits that wanted objects lead to.
fn commits_of(odb: &impl gix::objs::Find, wants: &[Oid]) -> Result<Vec<Oid>, Error> {
    wants.iter().map(|id| peel(odb, *id)).collect()
}

fn tell_boundary(boundary: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
    for (word, ids) in [
        ("shallow", &boundary.shallow),
        ("unshallow", &boundary.unshallow),
    ] {
        for id in ids {
            packet::line(out, &format!("{word} {id}")).map_err(io)?;
        }
    }
    Ok(())
}

/// Whether every wanted commit leads to one that both sides have, so that
/// asking for more would bring little.
fn is_enough<F: gix::objs::Find>(
    graph: &mut Graph<'_, F>,
    wants: &[Oid],
    common: &[Oid],
) -> Result<bool, Error> {
    if common.is_empty() || wants.len() > 100 {
        return Ok(false);
    }
    let common: HashSet<Oid> = common.iter().copied().collect();
    'wants: for want in wants {
        let mut seen = HashSet::new();
        let mut open = vec![*want];
        while let Some(id) = open.pop() {
            if common.contains(&id) {
                continue 'wants;
            }
            if seen.insert(id) {
                open.extend(graph.parents(id)?);
            }
        }
        return Ok(false);
    }
    Ok(true)
}

/// The exchange of haves in protocol v0, as `git upload-pack` holds it.
#[derive(Debug, Default)]
struct Talk {
    common: Vec<Oid>,
    seen: HashSet<Oid>,
    missed: bool,
    acknowledged: bool,
    ready: bool,
}

impl Talk {
    fn have<F: gix::objs::Find>(
        &mut self,
        graph: &mut Graph<'_, F>,
        (wants, id): (&[Oid], Oid),
        asked: &Asked,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let is_common = graph.node(id)?.is_some();
        if is_common && self.seen.insert(id) {
            self.common.push(id);
        }
        let text = match (is_common, asked.multi_ack) {
            (true, 2) => {
                self.acknowledged = true;
                format!("ACK {id} common")
            }
            (true, 1) => format!("ACK {id} continue"),
            (true, _) if self.common.len() == 1 => format!("ACK {id}"),
            (false, multi) => {
                self.missed = true;
                self.acknowledged = false;
                self.ready = self.ready || is_enough(graph, wants, &self.common)?;
                match (multi, self.ready) {
                    (2, true) => format!("ACK {id} ready"),
                    (1, true) => format!("ACK {id} continue"),
                    _ => return Ok(()),
                }
            }
            _ => return Ok(()),
        };
        packet::line(out, &text).map_err(io)
    }

    fn flush<F: gix::objs::Find>(
        &mut self,
        graph: &mut Graph<'_, F>,
        wants: &[Oid],
        asked: &Asked,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        if asked.multi_ack == 2
            && self.acknowledged
            && !self.missed
            && is_enough(graph, wants, &self.common)?
            && let Some(last) = self.common.last()
        {
            packet::line(out, &format!("ACK {last} ready")).map_err(io)?;
        }
        if self.common.is_empty() || asked.multi_ack > 0 {
            packet::line(out, "NAK").map_err(io)?;
        }
        self.missed = false;
        self.acknowledged = false;
        Ok(())
    }
}
