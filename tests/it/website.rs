//! A web site of fixed answers on this machine.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Whole answers by path; anything else is 404. Ends with the test process.
#[derive(Clone)]
pub(crate) struct Website {
    address: SocketAddr,
    pages: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Website {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            pages: Arc::default(),
        };
        let pages = Arc::clone(&site.pages);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let pages = Arc::clone(&pages);
                std::thread::spawn(move || answer(stream, &pages));
            }
        });
        site
    }

    /// `127.0.0.1:41234`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers `path` with these headers (each ended by a line break) and body.
    pub(crate) fn serve(&self, path: &str, status: &str, head: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{head}\r\n",
            body.len()
        );
        self.serve_raw(path, [head.as_bytes(), body].concat());
    }

    /// Answers `path` with exactly these bytes.
    pub(crate) fn serve_raw(&self, path: &str, answer: impl Into<Vec<u8>>) {
        self.pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), answer.into());
    }

    /// Answers `path` with a YAML file.
    pub(crate) fn yaml(&self, path: &str, text: &str) {
        self.serve(path, "200 OK", "content-type: text/yaml\r\n", text);
    }
}

fn answer(mut stream: TcpStream, pages: &Mutex<BTreeMap<String, Vec<u8>>>) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let page = pages.lock().unwrap().get(path).cloned();
    let none = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec();
    let _ = stream.write_all(&page.unwrap_or(none));
}
