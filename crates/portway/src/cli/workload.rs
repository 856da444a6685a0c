//! `portway auth explain-workload`: how a workload's token would fare.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, text_at};
use super::texts::Lang;

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
    let lang = output.lang;
    output.one("WorkloadVerdict", &told, "workload", |_| lines(&told, lang))?;
    match admitted {
        true => Ok(()),
        false => Err(Failure::code_only(Exit::Denied)),
    }
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().take(LONGEST + 1).read_to_string(&mut text)?;
    } else {
        File::open(file)?
            .take(LONGEST + 1)
            .read_to_string(&mut text)?;
    }
    // Half a token would be called a forged one.
    match text.len() as u64 > LONGEST {
        true => Err(io::Error::other(format!("longer than {LONGEST} bytes"))),
        false => Ok(text),
    }
}

/// Issuer, claims and each entry with what does not match.
fn lines(told: &Value, lang: Lang) -> String {
    let mut text = String::new();
    if told.get("genuine") != Some(&Value::Bool(true)) {
        let word = lang.pick(("not genuine", "진짜가 아님"));
        return format!("{word}: {}\n", text_at(told, "problem"));
    }
    let (issuer, ends) = (text_at(told, "issuer"), text_at(told, "expiresAt"));
    text.push_str(&lang.pick((
        format!("genuine: signed by {issuer}, runs out {ends}\n"),
        format!("진짜: 서명 {issuer}, 만료 {ends}\n"),
    )));
    for entry in told
        .get("entries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let matches = entry.get("matches") == Some(&Value::Bool(true));
        let word = match matches {
            true => lang.pick(("matches", "일치")),
            false => lang.pick(("does not match", "불일치")),
        };
        text.push_str(&format!("{} {word}\n", text_at(entry, "entry")));
        for one in entry
            .get("mismatches")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let (claim, wanted) = (text_at(one, "claim"), text_at(one, "wanted"));
            text.push_str(&match one.get("found").and_then(Value::as_str) {
                Some(found) => lang.pick((
                    format!("  claim {claim} is {found:?}, wanted is {wanted}\n"),
                    format!("  클레임 {claim}: 값 {found:?}, 필요한 값 {wanted}\n"),
                )),
                None => lang.pick((
                    format!("  claim {claim} is missing, wanted is {wanted}\n"),
                    format!("  클레임 {claim}: 없음, 필요한 값 {wanted}\n"),
                )),
            });
        }
    }
    text
}
