//! Sorts of routes, whose rates differ.

use axum::http::Method;

/// What a request is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Signs in, or asks for a token.
    SignIn,
    /// Carries credentials that are wrong.
    Refused,
    /// Changes something.
    Write,
    /// Searches.
    Search,
    /// Takes away much at once.
    Export,
    /// Everything else.
    Read,
}

pub(super) const CLASSES: [RateClass; 6] = [
    RateClass::SignIn,
    RateClass::Refused,
    RateClass::Write,
    RateClass::Search,
    RateClass::Export,
    RateClass::Read,
];

impl RateClass {
    /// Its name in the configuration and in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "signIn",
            Self::Refused => "refused",
            Self::Write => "write",
            Self::Search => "search",
            Self::Export => "export",
            Self::Read => "read",
        }
    }

    /// The class of a route by its pattern and by whether it only `reads`;
    /// nothing for routes that supervisors ask.
    pub fn of(method: &Method, path: &str, reads: bool) -> Option<Self> {
        if is_probe(path) {
            return None;
        }
        if is_sign_in(path) {
            return Some(Self::SignIn);
        }
        if path.contains("/search") {
            return Some(Self::Search);
        }
        let looks = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !looks && !reads {
            return Some(Self::Write);
        }
        let exports = path.contains("export") || path.ends_with(".csv") || path.ends_with(".yaml");
        Some(if exports { Self::Export } else { Self::Read })
    }
}

/// What says whether the server is well, and must answer while it is busy.
pub(super) fn is_probe(path: &str) -> bool {
    matches!(
        path,
        "/healthz" | "/livez" | "/readyz" | "/healthcheck" | "/metrics"
    ) || path.starts_with("/.backstage/health/")
}

/// What programs that speak Git's own protocol call. They know Basic
/// authentication only, and show people what is sent as plain text.
pub(super) fn is_git(path: &str) -> bool {
    path.starts_with("/git/")
        && ["/info/refs", "/git-upload-pack", "/git-receive-pack"]
            .iter()
            .any(|end| path.ends_with(end))
}

/// What a stranger may call in order to become somebody.
pub(super) fn is_sign_in(path: &str) -> bool {
    let below = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below("/sign-in") || below("/device") || (below("/api/auth") && !path.contains("/.well-known/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_the_class_that_their_cost_asks_for() {
        let of = |method: Method, path: &str| RateClass::of(&method, path, false);
        assert_eq!(of(Method::GET, "/livez"), None);
        assert_eq!(of(Method::POST, "/sign-in/guest"), Some(RateClass::SignIn));
        assert_eq!(
            of(Method::GET, "/api/auth/guest/refresh"),
            Some(RateClass::SignIn)
        );
        assert_eq!(
            of(Method::GET, "/api/auth/.well-known/jwks.json"),
            Some(RateClass::Read)
        );
        assert_eq!(
            of(Method::GET, "/api/search/query"),
            Some(RateClass::Search)
        );
        assert_eq!(of(Method::GET, "/catalog.csv"), Some(RateClass::Export));
        let query = RateClass::of(&Method::POST, "/api/catalog/entities/by-query", true);
        assert_eq!(query, Some(RateClass::Read));
        assert_eq!(
            of(Method::POST, "/api/catalog/refresh"),
            Some(RateClass::Write)
        );
        assert_eq!(of(Method::GET, "/devices"), Some(RateClass::Read));
        assert!(is_git("/git/{owner}/{repository}/info/refs"));
        assert!(!is_git("/git/{owner}/{repository}/tree"));
    }
}
