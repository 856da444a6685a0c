//! Git's smart HTTP through our own client.
//!
//! gix brings an HTTP client of its own, which knows neither our address
//! rules nor our limits. Its transport takes any implementation of [`Http`],
//! so this is one: the request is sent when the first byte of the answer is
//! wanted, and the answer is streamed.

use std::any::Any;
use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use gix::protocol::transport::client::blocking_io::http::{
    GetResponse, Http, PostBodyDataKind, PostResponse,
};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use url::Url;

use super::error::Error;
use crate::http::{Client, Request, Streaming};

/// What a fetch over HTTP needs, and what it found out.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) runtime: Handle,
    /// The header that one origin, and no other, is sent.
    pub(super) authorization: Option<(url::Origin, String)>,
    pub(super) interrupt: Arc<AtomicBool>,
    /// Bytes that all answers together may have.
    pub(super) max_bytes: u64,
    pub(super) shared: Arc<Mutex<Found>>,
}

#[derive(Default)]
pub(super) struct Found {
    /// The first failure, in our words; gix would only keep its text.
    pub(super) failure: Option<Error>,
    /// The base URL after redirects.
    pub(super) redirected: Option<String>,
    /// Whether the redirect was permanent.
    pub(super) moved: bool,
    /// Bytes received so far.
    pub(super) received: u64,
}

/// One request, sent on the first read.
struct Exchange {
    link: Link,
    base: String,
    tail: String,
    request: Option<Request>,
    post: Vec<u8>,
    answer: Option<Streaming>,
    headers: io::Cursor<Vec<u8>>,
    failed: bool,
}

/// A handle to the exchange; which part of it is read or written differs.
#[derive(Clone)]
pub(super) struct Part(Arc<Mutex<Exchange>>);

/// The headers, line by line.
pub(super) struct Headers {
    part: Part,
    lines: Option<io::Cursor<Vec<u8>>>,
}

/// The body, streamed.
pub(super) struct Body {
    part: Part,
    chunk: Bytes,
}

impl Link {
    fn header_for(&self, url: &Url) -> Option<String> {
        let (origin, header) = self.authorization.as_ref()?;
        (*origin == url.origin()).then(|| header.clone())
    }

    fn exchange(
        &self,
        url: &str,
        base: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        post: bool,
    ) -> gix::Result<Part> {
        let parsed = Url::parse(url).map_err(gix::Error::from_error)?;
        let mut request = if post {
            Request::post(
                parsed.clone(),
                "application/x-git-upload-pack-request",
                Bytes::new(),
            )
        } else {
            Request::get(parsed.clone())
        };
        for line in headers {
            if let Some((name, value)) = line.as_ref().split_once(':')
                && !name.eq_ignore_ascii_case("content-type")
            {
                request = request.header(name, value);
            }
        }
        if let Some(value) = self.header_for(&parsed) {
            request = request.secret_header("authorization", &value);
        }
        Ok(Part(Arc::new(Mutex::new(Exchange {
            link: self.clone(),
            base: base.to_owned(),
            tail: url.strip_prefix(base).unwrap_or_default().to_owned(),
            request: Some(request),
            post: Vec::new(),
            answer: None,
            headers: io::Cursor::default(),
            failed: false,
        }))))
    }
}

impl Exchange {
    /// Sends the request if that has not happened.
    fn start(&mut self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("the request failed before"));
        }
        let Some(mut request) = self.request.take() else {
            return Ok(());
        };
        if !self.post.is_empty() {
            request = request.with_body(std::mem::take(&mut self.post));
        }
        let asked = request.url().clone();
        let result = self.link.runtime.block_on(self.link.client.follow(request));
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => return Err(self.fail(Error::Http(error))),
        };
        if let Some(error) = self.refusal(&asked, &answer) {
            return Err(self.fail(error));
        }
        if answer.url != asked
            && let Some(base) = answer.url.as_str().strip_suffix(&self.tail)
        {
            let mut found = self.link.shared.lock();
            found.redirected = Some(base.trim_end_matches('/').to_owned());
            found.moved = answer.moved;
        }
        let mut lines = Vec::new();
        for (name, value) in &answer.headers {
            lines.extend_from_slice(name.as_str().as_bytes());
            lines.extend_from_slice(b": ");
            lines.extend_from_slice(value.as_bytes());
            lines.push(b'\n');
        }
        self.headers = io::Cursor::new(lines);
        self.answer = Some(answer);
        Ok(())
    }

    fn refusal(&self, asked: &Url, answer: &Streaming) -> Option<Error> {
        let remote = self.base.clone();
        let credential = match self.link.header_for(asked) {
            Some(_) => "configured token",
            None => "anonymous access",
        };
        match answer.status {
            200..=299 => None,
            status @ (401 | 403) => {
                let host = asked.host_str().unwrap_or_default();
                let fix = if credential == "anonymous access" {
                    format!("Add an `integrations` entry with a `token` for `{host}`")
                } else {
                    format!(
                        "Check that the token of the `integrations` entry for `{host}` is valid and may read the repository's contents"
                    )
                };
                Some(Error::Unauthorized {
                    remote,
                    credential,
                    status,
                    fix,
                })
            }
            404 | 410 => Some(Error::NoSuchRepository { remote, credential }),
            status => {
                let asked = answer.headers.get("retry-after");
                let retry_after = asked.and_then(|text| text.to_str().ok()?.trim().parse().ok());
                Some(Error::Status {
                    remote,
                    status,
                    retry_after,
                })
            }
        }
    }

    fn fail(&mut self, error: Error) -> io::Error {
        self.failed = true;
        let text = error.to_string();
        self.link.shared.lock().failure.get_or_insert(error);
        io::Error::other(text)
    }

    /// The next piece of the body; empty at its end.
    fn next(&mut self) -> io::Result<Bytes> {
        self.start()?;
        if self.link.interrupt.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let Some(answer) = &mut self.answer else {
            return Ok(Bytes::new());
        };
        let chunk = match self.link.runtime.block_on(answer.chunk()) {
            Ok(chunk) => chunk.unwrap_or_default(),
            Err(error) => return Err(self.fail(Error::Http(error))),
        };
        let received = {
            let mut found = self.link.shared.lock();
            found.received = found.received.saturating_add(chunk.len() as u64);
            found.received
        };
        if received > self.link.max_bytes {
            let error = Error::TooMany {
                remote: self.base.clone(),
                what: "bytes to fetch",
                limit: self.link.max_bytes,
            };
            return Err(self.fail(error));
        }
        Ok(chunk)
    }
}

impl Http for Link {
    type Headers = Headers;
    type ResponseBody = Body;
    type PostBody = Part;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> gix::Result<GetResponse<Headers, Body>> {
        let part = self.exchange(url, base_url, headers, false)?;
        // The transport asks for the redirected base right after this.
        part.0.lock().start().map_err(gix::Error::from_error)?;
        Ok(GetResponse {
            headers: Headers::new(&part),
            body: Body::new(part),
        })
    }

    fn post(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _body: PostBodyDataKind,
    ) -> gix::Result<PostResponse<Headers, Body, Part>> {
        let part = self.exchange(url, base_url, headers, true)?;
        Ok(PostResponse {
            post_body: part.clone(),
            headers: Headers::new(&part),
            body: Body::new(part),
        })
    }

    fn configure(&mut self, _config: &dyn Any) -> gix::Result {
        // Git configuration does not decide how we speak HTTP.
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.shared.lock().redirected.clone()
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().post.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Headers {
    fn new(part: &Part) -> Self {
        Self {
            part: part.clone(),
            lines: None,
        }
    }

    fn lines(&mut self) -> io::Result<&mut io::Cursor<Vec<u8>>> {
        if self.lines.is_none() {
            let mut exchange = self.part.0.lock();
            exchange.start()?;
            let lines = std::mem::take(&mut exchange.headers);
            drop(exchange);
            self.lines = Some(lines);
        }
        self.lines
            .as_mut()
            .ok_or_else(|| io::Error::other("the answer has no headers"))
    }
}

impl Read for Headers {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lines()?.read(buffer)
    }
}

impl BufRead for Headers {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.lines()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Some(lines) = &mut self.lines {
            lines.consume(amount);
        }
    }
}

impl Body {
    fn new(part: Part) -> Self {
        Self {
            part,
            chunk: Bytes::new(),
        }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let taken = available.len().min(buffer.len());
        let (Some(from), Some(to)) = (available.get(..taken), buffer.get_mut(..taken)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.consume(taken);
        Ok(taken)
    }
}

impl BufRead for Body {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.chunk.is_empty() {
            self.chunk = self.part.0.lock().next()?;
        }
        Ok(&self.chunk)
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.chunk.len());
        let _ = self.chunk.split_to(amount);
    }
}
