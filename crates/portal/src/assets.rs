//! Files that browsers load. Each has one address that contains its hash, so
//! that it can be cached for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// One embedded file.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    mime: &'static str,
    body: &'static [u8],
    /// `/assets/<hash>/<name>`.
    url: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const CSS: &str = concat!(
        include_str!("../assets/tokens.css"),
        include_str!("../assets/components.css"),
        include_str!("../assets/extensions.css")
    );
    [
        ("portway.css", "text/css; charset=utf-8", CSS.as_bytes()),
        (
            "icons.svg",
            "image/svg+xml",
            include_bytes!("../assets/icons.svg").as_slice(),
        ),
        (
            "favicon.svg",
            "image/svg+xml",
            include_bytes!("../assets/favicon.svg").as_slice(),
        ),
        (
            "portway.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/portway.js").as_slice(),
        ),
        (
            "forms.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/forms.js").as_slice(),
        ),
        (
            "palette.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/palette.js").as_slice(),
        ),
        (
            "query.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/query.js").as_slice(),
        ),
        (
            "popup.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/popup.js").as_slice(),
        ),
        (
            "home.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/home.js").as_slice(),
        ),
        (
            "passkeys.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/passkeys.js").as_slice(),
        ),
        (
            "live.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/live.js").as_slice(),
        ),
        (
            "live-stream.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/live-stream.js").as_slice(),
        ),
        (
            "picture.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/picture.js").as_slice(),
        ),
        (
            "htmx.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/vendor/htmx.min.js").as_slice(),
        ),
    ]
    .into_iter()
    .map(|(name, mime, body)| {
        let digest = hex::encode(Sha256::digest(body));
        let hash = digest.get(..10).unwrap_or_default();
        Asset {
            name,
            mime,
            body,
            url: format!("/assets/{hash}/{name}"),
        }
    })
    .collect()
});

/// The address of an asset, for example of `portway.css`. An unknown name gets
/// an address that answers 404.
pub fn asset_url(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/assets/unknown", |asset| asset.url.as_str())
}

/// Handler of `GET /assets/{hash}/{name}`; needs no permission, because the
/// files are the same for everybody. An old hash is answered 404 rather than
/// with other content, which would be cached for ever.
pub async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    let url = format!("/assets/{hash}/{name}");
    let Some(asset) = ASSETS.iter().find(|asset| asset.url == url) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.mime)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    let mut response = (headers, asset.body).into_response();
    // A shared worker obeys the policy of its own script, and ours listens to
    // the stream of events.
    if asset.name == "live-stream.js" {
        response.headers_mut().insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
            ),
        );
    }
    response
}
