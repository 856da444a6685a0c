//! `portway auth doctor`: the providers, and why somebody is let in or not.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::args::AuthDoctor;
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, text_at};
use super::texts::Lang;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Runs `portway auth doctor …`.
pub(super) async fn auth_doctor(
    client: &Client,
    output: &Output,
    args: &AuthDoctor,
) -> Result<(), Failure> {
    let lang = output.lang;
    let mut body = Map::new();
    if let Some(provider) = &args.provider {
        body.insert("provider".to_owned(), provider.as_str().into());
    }
    if let Some(file) = &args.claims {
        let text = read(file, lang)?;
        let claims: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
            unreadable(file, lang)
                .cause(error.to_string())
                .fix(lang.pick((
                    "write a JSON object such as {\"sub\": \"1\", \"email\": \"kim@example.com\"}",
                    "{\"sub\": \"1\", \"email\": \"kim@example.com\"} 같은 JSON 객체를 쓰세요",
                )))
        })?;
        body.insert("claims".to_owned(), claims.into());
    } else if let Some(file) = &args.id_token {
        body.insert("token".to_owned(), read(file, lang)?.trim().into());
    } else if let Some(reference) = &args.reference {
        body.insert("reference".to_owned(), reference.as_str().into());
    } else {
        return overview(client, output, args.provider.as_deref()).await;
    }
    let url = client.url(["api", "v1", "auth", "examine"]);
    let found = client.post(url, &Value::Object(body)).await?.body;
    let name = text_at(&found, "user");
    output.one("SignInExamination", &found, &name, |_| told(&found, lang))?;
    if output.exit_code && name.is_empty() {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

fn unreadable(file: &Path, lang: Lang) -> Failure {
    let file = file.display();
    Failure::new(
        Exit::Usage,
        lang.pick((
            format!("{file} cannot be used"),
            format!("{file} 파일을 쓸 수 없습니다"),
        )),
    )
}

fn read(file: &Path, lang: Lang) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(LARGEST + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
    };
    match read {
        // Half a file would be read as another one.
        Ok(length) if length as u64 > LARGEST => Err(unreadable(file, lang)
            .cause(lang.pick(("it is larger than 1 MiB", "1 MiB보다 큽니다")))),
        Ok(_) => Ok(text),
        Err(error) => Err(unreadable(file, lang).cause(error.to_string())),
    }
}

/// Every provider, and the last refusals.
async fn overview(client: &Client, output: &Output, only: Option<&str>) -> Result<(), Failure> {
    let url = client.url(["api", "v1", "auth", "providers"]);
    let mut found = client.get(url).await?.body;
    if let Some(only) = only {
        for (list, key) in [("providers", "id"), ("refusals", "provider")] {
            if let Some(items) = found.get_mut(list).and_then(Value::as_array_mut) {
                items.retain(|item| item.get(key).and_then(Value::as_str) == Some(only));
            }
        }
    }
    let name = text_at(&found, "environment");
    output.one("SignInProviders", &found, &name, |output| {
        overview_text(&found, output.lang)
    })
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A line of a list of facts, when there is something to say.
fn line(text: &mut String, label: &str, value: &str) {
    if !value.is_empty() {
        let wide = label.chars().filter(|letter| !letter.is_ascii()).count();
        let room = 12usize.saturating_sub(label.chars().count().saturating_add(wide));
        text.push_str(&format!("{label}{}  {value}\n", " ".repeat(room)));
    }
}

fn overview_text(found: &Value, lang: Lang) -> String {
    let mut text = String::new();
    if items(found, "providers").is_empty() {
        text.push_str(lang.pick((
            "No provider is configured for this environment.\n",
            "이 환경에 설정된 제공자가 없습니다.\n",
        )));
    }
    for provider in items(found, "providers") {
        let title = format!(
            "{} ({})",
            text_at(provider, "id"),
            text_at(provider, "kind")
        );
        line(&mut text, lang.pick(("PROVIDER", "제공자")), &title);
        line(
            &mut text,
            lang.pick(("AT", "위치")),
            &text_at(provider, "at"),
        );
        line(
            &mut text,
            lang.pick(("CALLBACK", "콜백")),
            &text_at(provider, "callbackUrl"),
        );
        let resolvers: Vec<&str> = items(provider, "resolvers")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        line(
            &mut text,
            lang.pick(("RESOLVERS", "규칙")),
            &resolvers.join(", "),
        );
        line(
            &mut text,
            lang.pick(("PROBLEM", "문제")),
            &text_at(provider, "problem"),
        );
        for advice in items(provider, "advice").iter().filter_map(Value::as_str) {
            line(&mut text, lang.pick(("FIX", "해결")), advice);
        }
        text.push('\n');
    }
    for refusal in items(found, "refusals") {
        let said = format!(
            "{}  {}  {}  {}  {}",
            text_at(refusal, "reference"),
            text_at(refusal, "at"),
            text_at(refusal, "provider"),
            text_at(refusal, "account"),
            text_at(refusal, "detail")
        );
        line(&mut text, lang.pick(("REFUSED", "거절")), &said);
    }
    text
}

fn told(found: &Value, lang: Lang) -> String {
    let mut text = String::new();
    line(
        &mut text,
        lang.pick(("PROVIDER", "제공자")),
        &text_at(found, "provider"),
    );
    line(
        &mut text,
        lang.pick(("ACCOUNT", "계정")),
        &text_at(found, "account"),
    );
    line(
        &mut text,
        lang.pick(("SIGNATURE", "서명")),
        &text_at(found, "signature"),
    );
    let nobody = lang.pick(("nobody", "없음")).to_owned();
    let user = Some(text_at(found, "user")).filter(|user| !user.is_empty());
    line(
        &mut text,
        lang.pick(("USER", "사용자")),
        &user.unwrap_or(nobody),
    );
    for rule in items(found, "rules") {
        let said = format!("{} ({})", text_at(rule, "resolver"), text_at(rule, "at"));
        line(&mut text, lang.pick(("RULE", "규칙")), &said);
        line(&mut text, "", &text_at(rule, "explanation"));
    }
    for near in items(found, "nearest") {
        let said = format!("{}  {}", text_at(near, "user"), text_at(near, "email"));
        line(&mut text, lang.pick(("NEAR", "비슷함")), said.trim_end());
    }
    for group in items(found, "groups") {
        let missing = lang.pick(("no such group", "없는 그룹")).to_owned();
        let to = Some(text_at(group, "group")).filter(|to| !to.is_empty());
        let said = format!("{} → {}", text_at(group, "claim"), to.unwrap_or(missing));
        line(&mut text, lang.pick(("GROUP", "그룹")), &said);
    }
    for advice in items(found, "advice").iter().filter_map(Value::as_str) {
        line(&mut text, lang.pick(("FIX", "해결")), advice);
    }
    let claims = found.get("claims").cloned().unwrap_or(json!({}));
    text.push_str(&format!("\n{claims:#}\n"));
    text
}
