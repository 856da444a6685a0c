//! `portway login`, `logout` and `whoami`.

use std::time::Duration;

use platform::Clock;
use serde_json::{Value, json};

use super::args::{Format, Login as Args};
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::logins::Login;
use super::output::{Output, text_at};
use super::texts::Lang;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The longest wait between two questions, whatever the server says.
const LONGEST_PAUSE: u64 = 60;

/// `portway login`: the device flow (RFC 8628).
pub(super) async fn login(client: &Client, output: &Output, args: &Args) -> Result<(), Failure> {
    let lang = output.lang;
    let scope = args.scope.replace(',', " ");
    let fields = [("client_id", identity::CLI_CLIENT), ("scope", &scope)];
    let (status, offer) = client.form("device_authorization", &fields).await?;
    if !status.is_success() {
        return Err(refused(&offer, lang));
    }
    let code = text_at(&offer, "user_code");
    let place = text_at(&offer, "verification_uri_complete");
    output.note(&lang.pick((
        format!("open {place}\nand check that it shows the code {code}"),
        format!("{place}\n주소를 열고 코드가 {code}인지 확인하세요"),
    )));
    let answer = wait(client, &offer, lang).await?;
    let now = Clock::system().now();
    let login = Login::from_answer(client.base(), &answer, now).ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            lang.pick((
                "the server's answer holds no tokens",
                "서버 응답에 토큰이 없습니다",
            )),
        )
    })?;
    client.logins().write(&login).map_err(|cause| {
        Failure::new(
            Exit::Failed,
            lang.pick((
                "the login cannot be kept",
                "로그인 정보를 저장할 수 없습니다",
            )),
        )
        .cause(format!("{}: {cause}", client.logins().path().display()))
        .fix(lang.pick((
            "choose another folder with --data DIR",
            "--data DIR로 다른 디렉터리를 지정하세요",
        )))
    })?;
    let scope = text_at(&answer, "scope");
    let server = client.base().as_str().trim_end_matches('/').to_owned();
    let done = json!({ "server": server, "scope": scope });
    match output.format {
        Format::Table | Format::Wide => {
            output.note(&lang.pick((
                format!("logged in to {server}; `portway whoami` shows as whom"),
                format!("{server}에 로그인했습니다. `portway whoami`로 사용자를 확인하세요"),
            )));
            Ok(())
        }
        _ => output.one("Login", &done, &server, |_| String::new()),
    }
}

/// Asks until the person has decided.
async fn wait(client: &Client, offer: &Value, lang: Lang) -> Result<Value, Failure> {
    let clock = Clock::system();
    let code = text_at(offer, "device_code");
    let mut pause = offer.get("interval").and_then(Value::as_u64).unwrap_or(5);
    let fields = [
        ("grant_type", DEVICE),
        ("client_id", identity::CLI_CLIENT),
        ("device_code", &code),
    ];
    loop {
        clock
            .sleep(Duration::from_secs(pause.clamp(1, LONGEST_PAUSE)))
            .await;
        let (status, answer) = client.form("token", &fields).await?;
        if status.is_success() {
            return Ok(answer);
        }
        match text_at(&answer, "error").as_str() {
            "authorization_pending" => {}
            "slow_down" => pause += 5,
            _ => return Err(refused(&answer, lang)),
        }
    }
}

/// A refusal of an OAuth endpoint.
pub(super) fn refused(answer: &Value, lang: Lang) -> Failure {
    let code = text_at(answer, "error");
    let (exit, message) = match code.as_str() {
        "access_denied" => (
            Exit::Denied,
            lang.pick((
                "the login was turned away in the browser",
                "브라우저에서 로그인을 거절했습니다",
            )),
        ),
        "expired_token" => (
            Exit::TimedOut,
            lang.pick((
                "nobody admitted the login within ten minutes",
                "10분 안에 로그인을 허용하지 않았습니다",
            )),
        ),
        "invalid_grant" => (
            Exit::SignIn,
            lang.pick((
                "this login does not count any more",
                "이 로그인은 더 이상 유효하지 않습니다",
            )),
        ),
        _ => (
            Exit::Failed,
            lang.pick((
                "the server refused the login",
                "서버가 로그인을 거부했습니다",
            )),
        ),
    };
    let mut failure = Failure::new(exit, message);
    failure.cause = ["error_description", "error.message"]
        .into_iter()
        .map(|key| text_at(answer, key))
        .find(|text| !text.is_empty());
    failure.fix(lang.pick((
        "run `portway login` again",
        "`portway login`을 다시 실행하세요",
    )))
}

/// `portway logout`
pub(super) async fn logout(client: &Client, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let server = client.base().as_str().trim_end_matches('/').to_owned();
    let Some(login) = client.logins().read() else {
        output.note(&lang.pick((
            format!("nobody is logged in to {server}"),
            format!("{server}에 로그인되어 있지 않습니다"),
        )));
        return Ok(());
    };
    let fields = [
        ("client_id", identity::CLI_CLIENT),
        ("token", login.refresh_token.as_str()),
    ];
    let told = client.form("revoke", &fields).await;
    // Gone from here in any case; the server ends what it is not told by itself.
    client.logins().remove();
    told?;
    output.note(&lang.pick((
        format!("logged out of {server}"),
        format!("{server}에서 로그아웃했습니다"),
    )));
    Ok(())
}

/// `portway whoami`
pub(super) async fn whoami(client: &Client, output: &Output) -> Result<(), Failure> {
    let url = client.url(["api", "auth", "v1", "whoami"]);
    let found = client.get(url).await?.body;
    let name = text_at(&found, "actor.name");
    output.one("Caller", &found, &name, |_| {
        let owns: Vec<&str> = found
            .get("ownership")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        format!(
            "{}\n{}\n{}\n",
            text_at(&found, "actor.name"),
            owns.join(", "),
            text_at(&found, "grants")
        )
    })
}
