//! `portway auth can-i`: whether something is allowed, and why.

use serde_json::Value;

use super::args::CanI;
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, text_at};

/// Runs `portway auth can-i`. Ends with [`Exit::Denied`] when the answer is no.
pub(super) async fn can_i(client: &Client, output: &Output, args: &CanI) -> Result<(), Failure> {
    let CanI {
        permission,
        entity,
        user,
    } = args;
    let mut url = client.url(["api", "v1", "access", "decisions"]);
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("permission", permission);
        for (key, value) in [("entity", entity), ("user", user)] {
            if let Some(value) = value {
                query.append_pair(key, value);
            }
        }
    }
    let found = client.get(url).await?.body;
    let effect = text_at(&found, "effect");
    output.one("Decision", &found, &effect, |output| said(output, &found))?;
    match effect.as_str() {
        "deny" => Err(Failure::code_only(Exit::Denied)),
        _ => Ok(()),
    }
}

fn said(output: &Output, found: &Value) -> String {
    let answer = output.lang.pick(match text_at(found, "effect").as_str() {
        "allow" => ("yes", "예"),
        "deny" => ("no", "아니요"),
        _ => ("on some entities", "일부 엔티티만"),
    });
    let mut text = format!("{answer}\n");
    let list = |key: &str| {
        found
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    for cause in list("because") {
        let source = text_at(&cause, "source");
        let place = if source.is_empty() {
            String::new()
        } else {
            format!(" ({source})")
        };
        text.push_str(&format!(
            "  {}: {}{place}\n",
            text_at(&cause, "effect"),
            text_at(&cause, "text")
        ));
    }
    let ask: Vec<String> = list("ask")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if !ask.is_empty() {
        let whom = output.lang.pick(("ask", "요청할 곳"));
        text.push_str(&format!("  {whom}: {}\n", ask.join(", ")));
    }
    text
}
