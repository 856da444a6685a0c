//! Talks to a server: finds it, sends the token, and turns every way to fail
//! into a sentence with an exit code.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::exit::Exit;
use super::failure::Failure;
use super::local::LocalAccess;
use super::logins::Logins;
use super::texts::Lang;

/// A connection to one server.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    token: Option<String>,
    logins: Logins,
    http: reqwest::Client,
    lang: Lang,
}

/// What an answer says besides its data.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Value,
    pub(super) request_id: Option<String>,
}

impl Client {
    /// Connects to `server`, else to the server of the data folder. The local
    /// token is sent to the local server only.
    pub(super) fn find(
        server: Option<&str>,
        token: Option<&str>,
        data: &Path,
        timeout: Duration,
        lang: Lang,
    ) -> Result<Self, Failure> {
        let local = LocalAccess::read(data);
        let text = match (server, &local) {
            (Some(server), _) => server.to_owned(),
            (None, Some(local)) => local.url.clone(),
            (None, None) => {
                return Err(Failure::new(Exit::Unavailable, lang.pick(("no server is known", "알려진 서버가 없습니다")))
                    .cause(lang.pick((
                        "neither --server nor PORTWAY_SERVER is set, and no server runs on this machine",
                        "--server와 PORTWAY_SERVER가 없고 이 컴퓨터에서 실행 중인 서버도 없습니다",
                    )))
                    .fix(lang.pick(("start one with `portway up`, or name one with --server URL", "`portway up`으로 시작하거나 --server URL을 지정하세요"))));
            }
        };
        let base = parse_base(&text).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                lang.pick((
                    format!("`{text}` is no server URL"),
                    format!("`{text}`는 서버 URL이 아닙니다"),
                )),
            )
            .fix(lang.pick((
                "write it like http://127.0.0.1:7007",
                "http://127.0.0.1:7007 형식으로 쓰세요",
            )))
        })?;
        let own = local
            .filter(|local| parse_base(&local.url).as_ref() == Some(&base))
            .map(|local| local.token);
        let logins = Logins::of(data, &base);
        // Somebody who has logged in acts as themselves, on this machine too.
        let token = match (token, logins.is_there()) {
            (Some(token), _) => Some(token.to_owned()),
            (None, true) => None,
            (None, false) => own,
        };
        // Already installed when the server runs in this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .user_agent(concat!("portway/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| {
                Failure::new(
                    Exit::Failed,
                    lang.pick((
                        "the HTTP client cannot be started",
                        "HTTP 클라이언트를 시작할 수 없습니다",
                    )),
                )
                .cause(cause.to_string())
            })?;
        Ok(Self {
            base,
            token,
            logins,
            http,
            lang,
        })
    }

    /// The server's URL.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Puts path segments behind the base, each encoded.
    pub(super) fn url<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    pub(super) async fn get(&self, url: Url) -> Result<Answer, Failure> {
        self.send(Method::GET, url, None).await
    }

    pub(super) async fn post(&self, url: Url, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::POST, url, Some(body)).await
    }

    /// Runs an action by its name.
    pub(super) async fn action(&self, name: &str, input: &Value) -> Result<Answer, Failure> {
        self.post(self.url(["api", "v1", "actions", name]), input)
            .await
    }

    /// Where this server's login is kept.
    pub(super) fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Sends a form to an OAuth endpoint, without a token. Answers the status
    /// and the JSON, which says by itself what is wrong.
    pub(super) async fn form(
        &self,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Result<(StatusCode, Value), Failure> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let response = self
            .http
            .post(self.url(["api", "auth", "v1", endpoint]))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        let status = response.status();
        let text = response
            .bytes()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        if text.is_empty() {
            return Ok((status, Value::Null));
        }
        let body = serde_json::from_slice(&text).map_err(|_| self.no_portway(status))?;
        Ok((status, body))
    }

    /// The access token of this server's login, a new one when the old one
    /// runs out. One process at a time refreshes: the refresh token works once.
    async fn login_token(&self) -> Result<Option<String>, Failure> {
        let now = platform::Clock::system().now();
        match self.logins.read() {
            None => return Ok(None),
            Some(login) if login.is_fresh(now) => return Ok(Some(login.access_token)),
            Some(_) => {}
        }
        let _lock = self.logins.lock().map_err(|cause| self.no_login(&cause))?;
        let Some(login) = self.logins.read() else {
            return Ok(None);
        };
        if login.is_fresh(now) {
            return Ok(Some(login.access_token));
        }
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", identity::CLI_CLIENT),
            ("refresh_token", login.refresh_token.as_str()),
        ];
        let (status, body) = self.form("token", &fields).await?;
        if !status.is_success() {
            // It will never work again; the next command asks to log in.
            if status == StatusCode::BAD_REQUEST {
                self.logins.remove();
            }
            return Err(super::login::refused(&body, self.lang));
        }
        let login = login
            .renewed(&body, now)
            .ok_or_else(|| self.no_portway(status))?;
        self.logins
            .write(&login)
            .map_err(|cause| self.no_login(&cause))?;
        Ok(Some(login.access_token))
    }

    fn no_login(&self, cause: &std::io::Error) -> Failure {
        Failure::new(
            Exit::Failed,
            self.lang.pick((
                "the login cannot be kept",
                "로그인 정보를 저장할 수 없습니다",
            )),
        )
        .cause(format!("{}: {cause}", self.logins.path().display()))
        .fix(self.lang.pick((
            "give this user write access, or choose another folder with --data DIR",
            "이 사용자에게 쓰기 권한을 주거나 --data DIR로 다른 디렉터리를 지정하세요",
        )))
    }

    /// Gives a file to `write`, piece by piece.
    pub(super) async fn download(
        &self,
        url: Url,
        write: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut request = self.http.get(url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|cause| self.unreachable(&cause))?;
        let status = response.status();
        if !status.is_success() {
            let text = response
                .bytes()
                .await
                .map_err(|cause| self.unreachable(&cause))?;
            return Err(match serde_json::from_slice(&text) {
                Ok(body) => refused(status, &body, self.lang),
                Err(_) => self.no_portway(status),
            });
        }
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|cause| self.unreachable(&cause))?
        {
            write(&piece)?;
        }
        Ok(())
    }

    /// The status of an answer whose body does not matter.
    pub(super) async fn status(&self, url: Url) -> Result<u16, Failure> {
        let response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        Ok(response.status().as_u16())
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let token = match &self.token {
            Some(token) => Some(token.clone()),
            None => self.login_token().await?,
        };
        let mut request = self
            .http
            .request(method, url)
            .header("accept", "application/json");
        if let Some(token) = &token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request
            .send()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        let status = response.status();
        let request_id = response
            .headers()
            .get("x-request-id")
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        let text = response
            .bytes()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        let body: Option<Value> = if text.is_empty() {
            Some(Value::Null)
        } else {
            serde_json::from_slice(&text).ok()
        };
        if status.is_success() {
            let body = body.ok_or_else(|| self.no_portway(status))?;
            return Ok(Answer { body, request_id });
        }
        let mut failure = match body {
            Some(body) => refused(status, &body, self.lang),
            None => self.no_portway(status),
        };
        failure.request_id = request_id;
        Err(failure)
    }

    fn unreachable(&self, cause: &reqwest::Error) -> Failure {
        let base = self.base.as_str().trim_end_matches('/');
        if cause.is_timeout() {
            return Failure::new(
                Exit::TimedOut,
                self.lang.pick((
                    format!("{base} did not answer in time"),
                    format!("{base}이(가) 제시간에 응답하지 않았습니다"),
                )),
            )
            .fix(self.lang.pick((
                "wait longer with --timeout SECONDS",
                "--timeout SECONDS로 대기 시간을 늘리세요",
            )));
        }
        Failure::new(
            Exit::Unavailable,
            self.lang.pick((
                format!("{base} cannot be reached"),
                format!("{base}에 연결할 수 없습니다"),
            )),
        )
        .cause(innermost(cause))
        .fix(self.lang.pick((
            "start a server with `portway up`; `portway doctor` finds out more",
            "`portway up`으로 서버를 시작하세요. `portway doctor`로 자세히 확인할 수 있습니다",
        )))
    }

    fn no_portway(&self, status: StatusCode) -> Failure {
        let base = self.base.as_str().trim_end_matches('/');
        let exit = if status == StatusCode::NOT_FOUND {
            Exit::NotFound
        } else {
            exit_for(status)
        };
        Failure::new(
            exit,
            self.lang.pick((
                format!("{base} does not answer like Portway"),
                format!("{base}의 응답이 Portway의 응답이 아닙니다"),
            )),
        )
        .cause(self.lang.pick((
            format!("HTTP {status} without JSON"),
            format!("JSON이 아닌 HTTP {status}"),
        )))
        .fix(self.lang.pick((
            "check the URL given with --server",
            "--server로 지정한 URL을 확인하세요",
        )))
    }
}

/// An http(s) URL without query and fragment; a bare host gets http.
fn parse_base(text: &str) -> Option<Url> {
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let mut url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn exit_for(status: StatusCode) -> Exit {
    match status.as_u16() {
        401 => Exit::SignIn,
        403 => Exit::Denied,
        404 => Exit::NotFound,
        409 | 412 => Exit::Conflict,
        408 | 504 => Exit::TimedOut,
        429 | 502 | 503 => Exit::Unavailable,
        _ => Exit::Failed,
    }
}

/// Reads both of Backstage's error envelopes.
fn refused(status: StatusCode, body: &Value, lang: Lang) -> Failure {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let several: Vec<String> = body
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|error| text(error, "message"))
        .collect();
    let error = body.get("error").unwrap_or(&Value::Null);
    let message = text(error, "message")
        .or_else(|| (!several.is_empty()).then(|| several.join("\n")))
        .unwrap_or_else(|| {
            lang.pick((
                format!("the server answered {status}"),
                format!("서버 응답: {status}"),
            ))
        });
    let mut failure = Failure::new(exit_for(status), message);
    failure.cause = text(error, "accepted").map(|accepted| {
        lang.pick((
            format!("accepted would be {accepted}"),
            format!("허용되는 값: {accepted}"),
        ))
    });
    failure.fix = text(error, "fix").or_else(|| {
        (failure.exit == Exit::SignIn).then(|| {
            lang.pick((
                "run `portway login`, or set PORTWAY_TOKEN to a token",
                "`portway login`을 실행하거나 PORTWAY_TOKEN에 토큰을 설정하세요",
            ))
            .to_owned()
        })
    });
    failure
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_become_exit_codes() {
        let exit = |code: u16| {
            refused(
                StatusCode::from_u16(code).unwrap(),
                &json!({"error": {"message": "m"}}),
                Lang::En,
            )
            .exit
        };
        let expected = [
            (400, 1),
            (401, 4),
            (403, 5),
            (404, 3),
            (409, 6),
            (412, 6),
            (429, 9),
            (500, 1),
            (503, 9),
            (504, 7),
        ];
        for (status, code) in expected {
            assert_eq!(exit(status).code(), code, "{status}");
        }
    }

    #[test]
    fn both_envelopes_are_read() {
        let one = refused(
            StatusCode::FORBIDDEN,
            &json!({"error": {"message": "no", "accepted": "a", "fix": "f"}}),
            Lang::En,
        );
        assert_eq!(
            one.to_text(Lang::En),
            "error: no\ncause: accepted would be a\nfix: f\n"
        );
        let many = refused(
            StatusCode::BAD_REQUEST,
            &json!({"errors": [{"message": "a"}, {"message": "b"}]}),
            Lang::En,
        );
        assert_eq!(many.to_text(Lang::En), "error: a\n  b\n");
    }

    #[test]
    fn servers_may_be_named_without_a_scheme_or_with_a_path() {
        let find = |text: &str| {
            Client::find(
                Some(text),
                None,
                Path::new("/none"),
                Duration::from_secs(1),
                Lang::En,
            )
        };
        assert_eq!(
            find("localhost:7007").unwrap().url(["api", "a b"]).as_str(),
            "http://localhost:7007/api/a%20b"
        );
        assert_eq!(
            find("https://x/portway/").unwrap().url(["api"]).as_str(),
            "https://x/portway/api"
        );
        assert_eq!(find("ftp://x").unwrap_err().exit, Exit::Usage);
    }
}
