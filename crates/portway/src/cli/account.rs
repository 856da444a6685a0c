//! `portway account`: accounts that Portway keeps itself.

use serde_json::{Value, json};

use super::args::{Account, Format};
use super::client::Client;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

/// Runs `portway account …`.
pub(super) async fn account(
    client: &Client,
    output: &Output,
    verb: &Account,
) -> Result<(), Failure> {
    match verb {
        Account::Create {
            name,
            display_name,
            admin,
        } => {
            let input = json!({
                "name": name,
                "displayName": display_name.as_deref().unwrap_or_default(),
                "admin": admin,
            });
            linked(client, output, "account:create", &input).await
        }
        Account::Reset { name } => {
            linked(client, output, "account:reset", &json!({ "name": name })).await
        }
        Account::Disable { name } => {
            let done = ("is switched off", "계정을 껐습니다");
            switched(client, output, ("account:disable", done), name).await
        }
        Account::Enable { name } => {
            let done = ("may sign in again", "계정을 켰습니다");
            switched(client, output, ("account:enable", done), name).await
        }
        Account::List => {
            let found = client.action("account:list", &json!({})).await?.body;
            let items = found
                .get("items")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            output.list("AccountList", &items, &columns(), &Value::Null, |item| {
                text_at(item, "name")
            })
        }
    }
}

/// Prints the link, which is shown this once.
async fn linked(
    client: &Client,
    output: &Output,
    action: &str,
    input: &Value,
) -> Result<(), Failure> {
    let made = client.action(action, input).await?.body;
    let link = text_at(&made, "link");
    output.note(output.lang.pick((
        "this link sets the password, once and within 72 hours; it is shown this once",
        "이 링크로 72시간 안에 한 번 비밀번호를 정할 수 있습니다. 지금 한 번만 표시됩니다",
    )));
    output.one("Account", &made, &text_at(&made, "account.name"), |_| {
        format!("{link}\n")
    })
}

async fn switched(
    client: &Client,
    output: &Output,
    (action, done): (&str, (&str, &str)),
    name: &str,
) -> Result<(), Failure> {
    let found = client.action(action, &json!({ "name": name })).await?.body;
    let account = found.get("account").cloned().unwrap_or_default();
    match output.format {
        Format::Table | Format::Wide => {
            output.note(&format!("{name}: {}", output.lang.pick(done)));
            Ok(())
        }
        _ => output.one("Account", &account, name, |_| String::new()),
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::at("NAME", "name"),
        Column::at("DISPLAY NAME", "displayName"),
        Column::at("ADMIN", "admin"),
        Column::at("STATUS", "status"),
        Column::at("SIGNED IN", "signedInAt"),
        Column::at("CREATED", "createdAt").wide(),
        Column::at("CREATED BY", "createdBy").wide(),
    ]
}
