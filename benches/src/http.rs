//! One HTTP/1.1 connection that stays open, as much of it as the benchmarks need.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(30);
/// An answer larger than this is a fault of the server, or of this client.
const MAX_BODY: usize = 512 * 1024 * 1024;

/// Where a server listens and how it knows us.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// `127.0.0.1:7007`.
    pub(crate) authority: String,
    pub(crate) token: String,
}

/// How a client shows who it is.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    Nobody,
    Token(String),
    /// The pair of the session cookie; requests come from Portway's own pages.
    Session(String),
}

/// An open connection.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    /// Everything of a request behind its path, without the empty line.
    rest: String,
    /// The pair of the last `Set-Cookie`.
    cookie: Option<String>,
    /// The body of the last answer.
    pub(crate) body: Vec<u8>,
    line: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &Address) -> Result<Self> {
        Self::open_as(address, &Credential::Token(address.token.clone()))
    }

    pub(crate) fn open_as(address: &Address, credential: &Credential) -> Result<Self> {
        let stream = TcpStream::connect(&address.authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let proof = match credential {
            Credential::Token(token) => format!("Authorization: Bearer {token}\r\n"),
            Credential::Session(cookie) => {
                format!("Cookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n")
            }
            Credential::Nobody => "Sec-Fetch-Site: same-origin\r\n".to_owned(),
        };
        let rest = format!(
            " HTTP/1.1\r\nHost: {}\r\n{proof}Accept: */*\r\n",
            address.authority
        );
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, stream),
            rest,
            cookie: None,
            body: Vec::new(),
            line: Vec::new(),
        })
    }

    /// Sends a GET and reads the answer to its end. Returns the status.
    pub(crate) fn get(&mut self, path: &str) -> Result<u16> {
        let request = format!("GET {path}{}\r\n", self.rest);
        self.reader.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// Sends a POST and reads the answer to its end. Returns the status.
    pub(crate) fn post(&mut self, path: &str, media: &str, body: &str) -> Result<u16> {
        let request = format!(
            "POST {path}{}Content-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
            self.rest,
            body.len()
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// The pair of the cookie that was set last.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// The answer as JSON, when its status is 200.
    pub(crate) fn json(&mut self, path: &str) -> Result<Value> {
        let status = self.get(path)?;
        if status != 200 {
            let text = String::from_utf8_lossy(&self.body);
            bail!(
                "{path} answered {status}: {}",
                text.chars().take(300).collect::<String>()
            );
        }
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{path} does not answer in JSON"))
    }

    fn answer(&mut self) -> Result<u16> {
        let status = self
            .line()?
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .context("no HTTP answer")?;
        let mut length = None;
        let mut chunked = false;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.trim().parse::<usize>()?),
                "set-cookie" => {
                    let pair = value.split(';').next().unwrap_or_default();
                    self.cookie = Some(pair.trim().to_owned());
                }
                "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
                _ => {}
            }
        }
        self.body.clear();
        match (chunked, length) {
            (true, _) => self.chunks()?,
            (false, Some(length)) => self.take(length)?,
            (false, None) if status == 204 || status == 304 => {}
            (false, None) => bail!("an answer without a length"),
        }
        Ok(status)
    }

    fn chunks(&mut self) -> Result<()> {
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .with_context(|| format!("`{size}` is not the size of a chunk"))?;
            self.take(size)?;
            // The line break behind the chunk, or behind the last of no trailers.
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    /// Appends exactly `count` bytes to the body.
    fn take(&mut self, count: usize) -> Result<()> {
        if self.body.len().saturating_add(count) > MAX_BODY {
            bail!("an answer of more than {MAX_BODY} bytes");
        }
        let read = self
            .reader
            .by_ref()
            .take(count as u64)
            .read_to_end(&mut self.body)?;
        if read < count {
            bail!("the connection ended in the middle of an answer");
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        self.line.clear();
        if self.reader.read_until(b'\n', &mut self.line)? == 0 {
            bail!("the server closed the connection");
        }
        let text = std::str::from_utf8(&self.line).context("a header that is not text")?;
        Ok(text.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers the same bytes to each of two requests.
    fn answering(bytes: &'static str) -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            for _ in 0..2 {
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                stream.write_all(bytes.as_bytes()).unwrap();
            }
        });
        Address {
            authority,
            token: "t".to_owned(),
        }
    }

    #[test]
    fn answers_with_a_length_keep_the_connection_usable() {
        let address = answering("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
        let mut connection = Connection::open(&address).unwrap();
        assert_eq!(connection.json("/x").unwrap()["a"], 1);
        assert_eq!(connection.get("/x").unwrap(), 200);
    }

    #[test]
    fn answers_in_chunks_are_joined() {
        let address = answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
        );
        let mut connection = Connection::open(&address).unwrap();
        assert_eq!(connection.json("/x").unwrap()["a"], 1);
        assert_eq!(connection.json("/x").unwrap()["a"], 1);
    }

    #[test]
    fn an_error_shows_the_answer() {
        let address = answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        let error = Connection::open(&address).unwrap().json("/x").unwrap_err();
        assert_eq!(error.to_string(), "/x answered 403: no");
    }
}
