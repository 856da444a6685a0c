//! pkt-lines (`gitprotocol-common`) and side bands.

use std::io::{Read, Write};

use gix::protocol::transport::packetline::{PacketLineRef, blocking_io::encode, decode};

use super::Error;

/// Bytes of a line with its length.
const LONGEST: usize = 65_520;

/// One pkt-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Bytes.
    Data(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section.
    Delimiter,
    /// `0002`: the end of an answer.
    End,
}

impl<'a> Packet<'a> {
    /// A line of text without its line feed.
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Self::Data(data) => {
                let data = data.strip_suffix(b"\n").unwrap_or(data);
                std::str::from_utf8(data).ok()
            }
            _ => None,
        }
    }
}

/// Reads one pkt-line from the front of `input`, which it shortens. `None` at
/// its end.
///
/// # Errors
/// A length that is none, or a line that is cut off.
pub fn next<'a>(input: &mut &'a [u8]) -> Result<Option<Packet<'a>>, Error> {
    if input.is_empty() {
        return Ok(None);
    }
    let (packet, used) = match decode::streaming(input) {
        Ok(decode::Stream::Complete {
            line,
            bytes_consumed,
        }) => (packet_of(line), bytes_consumed),
        Ok(decode::Stream::Incomplete { bytes_needed }) => {
            return Err(Error::Client(format!(
                "the request ends within a pkt-line: {bytes_needed} bytes are missing"
            )));
        }
        Err(error) => return Err(Error::Client(format!("not a pkt-line: {error}"))),
    };
    *input = input.get(used..).unwrap_or_default();
    Ok(Some(packet))
}

fn packet_of(line: PacketLineRef<'_>) -> Packet<'_> {
    match line {
        PacketLineRef::Data(data) => Packet::Data(data),
        PacketLineRef::Flush => Packet::Flush,
        PacketLineRef::Delimiter => Packet::Delimiter,
        PacketLineRef::ResponseEnd => Packet::End,
    }
}

/// Reads one pkt-line from a stream into `buffer`.
///
/// # Errors
/// As [`next`], and what reading says.
pub(super) fn read<'b>(input: &mut dyn Read, buffer: &'b mut Vec<u8>) -> Result<Packet<'b>, Error> {
    let cut = |_| Error::Client("the request ends within its list of commands".to_owned());
    buffer.clear();
    buffer.resize(4, 0);
    input.read_exact(buffer).map_err(cut)?;
    let more = match decode::streaming(buffer) {
        Ok(decode::Stream::Complete { line, .. }) => return Ok(packet_of_static(line)),
        Ok(decode::Stream::Incomplete { bytes_needed }) => bytes_needed,
        Err(error) => return Err(Error::Client(format!("not a pkt-line: {error}"))),
    };
    if more > LONGEST {
        return Err(Error::Client("a pkt-line is too long".to_owned()));
    }
    buffer.resize(4 + more, 0);
    input
        .read_exact(buffer.get_mut(4..).unwrap_or_default())
        .map_err(cut)?;
    Ok(Packet::Data(buffer.get(4..).unwrap_or_default()))
}

fn packet_of_static<'b>(line: PacketLineRef<'_>) -> Packet<'b> {
    match line {
        PacketLineRef::Delimiter => Packet::Delimiter,
        PacketLineRef::ResponseEnd => Packet::End,
        PacketLineRef::Data(_) | PacketLineRef::Flush => Packet::Flush,
    }
}

/// Writes a line of bytes as it is.
///
/// # Errors
/// When it is empty or longer than 65,516 bytes, and what `out` says.
pub fn data(out: &mut dyn Write, bytes: &[u8]) -> std::io::Result<()> {
    encode::data_to_write(bytes, out).map(drop)
}

/// Writes a line of text with a line feed.
///
/// # Errors
/// As [`data`].
pub fn line(out: &mut dyn Write, text: &str) -> std::io::Result<()> {
    encode::text_to_write(text.as_bytes(), out).map(drop)
}

/// Writes `0000`.
///
/// # Errors
/// What `out` says.
pub fn flush(out: &mut dyn Write) -> std::io::Result<()> {
    encode::flush_to_write(out).map(drop)
}

/// Writes `0001`.
///
/// # Errors
/// What `out` says.
pub fn delimiter(out: &mut dyn Write) -> std::io::Result<()> {
    encode::delim_to_write(out).map(drop)
}

/// How much of a pack one line carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Band {
    /// The pack stands alone, without lines.
    #[default]
    None,
    /// Lines of up to 1,000 bytes.
    Small,
    /// Lines of up to 65,520 bytes.
    Large,
}

impl Band {
    fn room(self) -> usize {
        match self {
            Self::Small => 995,
            Self::None | Self::Large => 65_515,
        }
    }
}

/// Bytes on their way through band 1.
pub(super) struct Banded<'a> {
    out: &'a mut dyn Write,
    band: Band,
    waiting: Vec<u8>,
}

impl<'a> Banded<'a> {
    pub(super) fn new(out: &'a mut dyn Write, band: Band) -> Self {
        Self {
            out,
            band,
            waiting: Vec::new(),
        }
    }

    /// Sends what waits, and a flush where there are bands.
    pub(super) fn finish(mut self) -> std::io::Result<()> {
        self.send()?;
        match self.band {
            Band::None => Ok(()),
            Band::Small | Band::Large => flush(self.out),
        }
    }

    fn send(&mut self) -> std::io::Result<()> {
        for chunk in self.waiting.chunks(self.band.room()) {
            if self.band == Band::None {
                self.out.write_all(chunk)?;
            } else {
                band(self.out, 1, chunk)?;
            }
        }
        self.waiting.clear();
        Ok(())
    }
}

/// One line of a band: 1 data, 2 progress, 3 a fatal error.
pub(super) fn band(out: &mut dyn Write, number: u8, bytes: &[u8]) -> std::io::Result<()> {
    let mut whole = Vec::with_capacity(bytes.len() + 1);
    whole.push(number);
    whole.extend_from_slice(bytes);
    data(out, &whole)
}

impl Write for Banded<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= 65_515 {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// Lines are sent when they are full.
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
