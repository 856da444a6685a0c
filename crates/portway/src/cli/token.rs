//! `portway token`: API tokens.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::args::{Format, Token};
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

/// Runs `portway token …`. `now` is needed for `--expires-in`.
pub(super) async fn token(
    client: &Client,
    output: &Output,
    verb: &Token,
    now: Timestamp,
) -> Result<(), Failure> {
    match verb {
        Token::Create {
            name,
            scope,
            expires_in,
            agent,
            on_behalf_of,
        } => {
            let mut input = json!({"name": name, "scope": scope_of(scope)});
            if let (Some(length), Some(fields)) = (expires_in, input.as_object_mut()) {
                fields.insert("expiresAt".to_owned(), end(length, now, output)?.into());
            }
            for (key, value) in [("agent", agent), ("onBehalfOf", on_behalf_of)] {
                if let (Some(value), Some(fields)) = (value, input.as_object_mut()) {
                    fields.insert(key.to_owned(), value.as_str().into());
                }
            }
            let made = client.action("token:create", &input).await?.body;
            let secret = text_at(&made, "secret");
            output.note(output.lang.pick((
                "this is the only time that the token is shown; keep it in PORTWAY_TOKEN",
                "토큰은 지금 한 번만 표시됩니다. PORTWAY_TOKEN에 보관하세요",
            )));
            output.one("Token", &made, &text_at(&made, "token.name"), |_| {
                format!("{secret}\n")
            })
        }
        Token::List => {
            let found = client.action("token:list", &json!({})).await?.body;
            let items = found
                .get("items")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            output.list("TokenList", &items, &columns(), &Value::Null, |item| {
                text_at(item, "name")
            })
        }
        Token::Revoke { which } => {
            let ended = client
                .action("token:revoke", &json!({"token": which}))
                .await?
                .body;
            let ended = ended.get("token").cloned().unwrap_or_default();
            let name = text_at(&ended, "name");
            match output.format {
                Format::Table | Format::Wide => {
                    output.note(&output.lang.pick((
                        format!("{name} does not work any more"),
                        format!("{name} 토큰을 폐기했습니다"),
                    )));
                    Ok(())
                }
                _ => output.one("Token", &ended, &name, |_| String::new()),
            }
        }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::at("NAME", "name"),
        Column::at("ID", "id"),
        Column::at("SCOPE", "scope"),
        Column::at("STATUS", "status"),
        Column::at("CREATED", "createdAt"),
        Column::at("EXPIRES", "expiresAt"),
        Column::at("LAST USED", "lastUsedAt"),
        Column::at("AGENT", "agent").wide(),
        Column::at("CREATED BY", "createdBy").wide(),
    ]
}

/// `all`, `read` or a list of permissions.
fn scope_of(text: &str) -> Value {
    match text {
        "all" | "read" => text.into(),
        names => names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect::<Vec<_>>()
            .into(),
    }
}

fn end(length: &str, now: Timestamp, output: &Output) -> Result<String, Failure> {
    let refused = |cause: String| {
        Failure::new(
            Exit::Usage,
            output.lang.pick((
                format!("`{length}` is no length of time"),
                format!("`{length}`은(는) 기간이 아닙니다"),
            )),
        )
        .cause(cause)
        .fix(
            output
                .lang
                .pick(("write it like 30d or 12h", "30d 또는 12h처럼 쓰세요")),
        )
    };
    let length = model::duration::parse_text(length).map_err(|cause| refused(cause.to_string()))?;
    Ok(platform::clock::later(now, length).to_string())
}
