//! The address of a request as it may be shown and written down.

use std::borrow::Cow;

use axum::http::Uri;

/// Parameters that carry what only the receiver may know: codes and states of
/// sign-ins, tokens, passwords (RFC 6749 sections 4.1.2 and 5.1, RFC 6750
/// section 2.3).
const SECRET: [&str; 9] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "id_token",
    "password",
    "refresh_token",
    "state",
    "token",
];
/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// Path and query of a request, without the values of parameters that may be
/// secrets.
pub(super) fn shown(uri: &Uri) -> Cow<'_, str> {
    let whole = uri.path_and_query().map_or("/", |all| all.as_str());
    let Some((path, query)) = whole.split_once('?') else {
        return Cow::Borrowed(whole);
    };
    if !query.split('&').any(|pair| secret(pair).is_some()) {
        return Cow::Borrowed(whole);
    }
    let pairs: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|pair| match secret(pair) {
            Some(name) => Cow::Owned(format!("{name}={REDACTED}")),
            None => Cow::Borrowed(pair),
        })
        .collect();
    Cow::Owned(format!("{path}?{}", pairs.join("&")))
}

/// The name of a parameter whose value is not shown.
fn secret(pair: &str) -> Option<&str> {
    let (name, _) = pair.split_once('=')?;
    SECRET.contains(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_may_be_a_secret_is_left_out() {
        for (asked, written) in [
            ("/a", "/a"),
            (
                "/a?filter=kind=component&q=x",
                "/a?filter=kind=component&q=x",
            ),
            (
                "/a?code=1&q=x&state=2",
                "/a?code=[redacted]&q=x&state=[redacted]",
            ),
            ("/a?token", "/a?token"),
        ] {
            assert_eq!(shown(&asked.parse().unwrap()), written);
        }
    }
}
