//! Files of a site that are no pages, sent so that nothing in them runs.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use model::diagnostic::Diagnostic;
use platform::error::ApiError;

use crate::site::{Asset, Site};

/// What may be sent, in bytes.
const MAX_ASSET: u64 = 10 * 1024 * 1024;
/// Nothing runs, nothing is loaded, even where the file is opened by itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/// For whom a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A page of the portal: pictures are pictures.
    Page,
    /// A client of TechDocs, to which HTML, SVG and XML are plain text.
    Client,
}

/// The media type by a file's name, and whether a browser may show it.
pub(crate) fn media_type(path: &str, reader: Reader) -> (&'static str, bool) {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match (ending.to_ascii_lowercase().as_str(), reader) {
        ("png", _) => ("image/png", true),
        ("jpg" | "jpeg", _) => ("image/jpeg", true),
        ("gif", _) => ("image/gif", true),
        ("webp", _) => ("image/webp", true),
        ("avif", _) => ("image/avif", true),
        ("ico", _) => ("image/x-icon", true),
        ("svg", Reader::Page) => ("image/svg+xml", true),
        ("mp4", _) => ("video/mp4", true),
        ("webm", _) => ("video/webm", true),
        ("json", Reader::Client) => ("application/json; charset=utf-8", true),
        ("css", Reader::Client) => ("text/css; charset=utf-8", true),
        (
            "txt" | "md" | "csv" | "json" | "yaml" | "yml" | "toml" | "log" | "html" | "htm"
            | "xhtml" | "xml" | "svg" | "css" | "js" | "mjs" | "ts" | "sql" | "sh" | "puml"
            | "drawio",
            _,
        ) => ("text/plain; charset=utf-8", true),
        ("pdf", _) => ("application/pdf", false),
        _ => ("application/octet-stream", false),
    }
}

/// Sends a file of a site.
///
/// # Errors
/// 413 above 10 MiB; 404 where it is gone; 502 where its place does not answer.
pub(crate) async fn send(site: &Site, asset: &Asset, reader: Reader) -> Result<Response, ApiError> {
    fits(asset, asset.size)?;
    let bytes = site.folder.read(&asset.file).await;
    let bytes = bytes.map_err(|problem| unreadable(&problem))?;
    // It may have grown since the site was read.
    fits(asset, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
    let mut response = Response::new(Body::from(bytes));
    let (media, shown) = media_type(&asset.file, reader);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=60"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if !shown {
        headers.insert(header::CONTENT_DISPOSITION, disposition(&asset.file));
    }
    Ok(response)
}

fn fits(asset: &Asset, size: u64) -> Result<(), ApiError> {
    if size <= MAX_ASSET {
        return Ok(());
    }
    Err(
        ApiError::too_large(format!("{} has {size} bytes", asset.file))
            .accepted("files of at most 10 MiB")
            .fix("link to the file where it lies"),
    )
}

/// `attachment` with the file's name, as RFC 6266 writes it.
fn disposition(path: &str) -> HeaderValue {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut text = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A file's problem as an answer.
pub(crate) fn unreadable(problem: &Diagnostic) -> ApiError {
    let status = match problem.code {
        "not-found" | "outside-tree" => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_GATEWAY,
    };
    let name = if status == StatusCode::NOT_FOUND {
        "NotFoundError"
    } else {
        "ServiceUnavailableError"
    };
    let mut error = ApiError::new(status, name, problem.message.clone());
    if let Some(fix) = &problem.fix {
        error = error.fix(fix.clone());
    }
    error
}
