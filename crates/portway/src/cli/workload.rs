//! `portway auth explain-workload`: how a workload's token would fare.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, text_at};

/// The longest token that is read, in bytes.
const LONGEST: u64 = 20_000;

/// Runs `portway auth explain-workload`.
pub(super) async fn explain(
    client: &Client,
    output: &Output,
    token_file: &Path,
) -> Result<(), Failure> {
    let token = read(token_file).map_err(|cause| {
        Failure::new(
            Exit::Failed,
            output
                .lang
                .pick(("the token cannot be read", "토큰을 읽을 수 없습니다")),
        )
        .cause(format!("{}: {cause}", token_file.display()))
    })?;
    let input = json!({ "token": token.trim() });
    let told = client.action("workload:explain", &input).await?.body;
    let admitted = told.get("admitted") == Some(&Value::Bool(true));
    output.one("WorkloadVerdict", &told, "workload", |_| lines(&told))?;
    match admitted {
        true => Ok(()),
        false => Err(Failure::code_only(Exit::Denied)),
    }
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().take(LONGEST).read_to_string(&mut text)?;
    } else {
        File::open(file)?.take(LONGEST).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Issuer, claims and each entry with what does not match.
fn lines(told: &Value) -> String {
    let mut text = String::new();
    if told.get("genuine") != Some(&Value::Bool(true)) {
        return format!("not genuine: {}\n", text_at(told, "problem"));
    }
    text.push_str(&format!(
        "genuine: signed by {}, runs out {}\n",
        text_at(told, "issuer"),
        text_at(told, "expiresAt")
    ));
    for entry in told
        .get("entries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let matches = entry.get("matches") == Some(&Value::Bool(true));
        let word = if matches { "matches" } else { "does not match" };
        text.push_str(&format!("{} {word}\n", text_at(entry, "entry")));
        for one in entry
            .get("mismatches")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let found = match one.get("found").and_then(Value::as_str) {
                Some(found) => format!("is {found:?}"),
                None => "is missing".to_owned(),
            };
            text.push_str(&format!(
                "  claim {} {found}, wanted is {}\n",
                text_at(one, "claim"),
                text_at(one, "wanted")
            ));
        }
    }
    text
}
