//! `portway packages`: who is affected by a package.

use serde_json::{Value, json};

use super::args::Packages;
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

/// Runs `portway packages`.
pub(super) async fn packages(
    client: &Client,
    output: &Output,
    args: &Packages,
) -> Result<(), Failure> {
    let mut url = client.url(["api", "v1", "packages"]);
    {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("name", &args.name);
        if let Some(version) = &args.version {
            pairs.append_pair("version", version);
        }
        if let Some(ecosystem) = &args.ecosystem {
            pairs.append_pair("ecosystem", ecosystem);
        }
    }
    let found = client.get(url).await?.body;
    let rows = rows(&found);
    let meta = json!({
        "owners": found.get("ownerCount"),
        "entities": found.get("entityCount"),
        "packages": found.get("packageCount"),
        "notCompared": found.get("notCompared"),
        "notComparedCount": found.get("notComparedCount"),
        "truncated": found.get("truncated"),
        "coverage": found.get("coverage"),
    });
    output.list("PackageList", &rows, &columns(), &meta, |row| {
        text_at(row, "ref")
    })?;
    summary(output, &found);
    if !rows.is_empty() && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// One row for each package of each entity.
fn rows(found: &Value) -> Vec<Value> {
    let list = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut rows = Vec::new();
    for owner in list(found, "owners") {
        for entity in list(&owner, "entities") {
            for mut package in list(&entity, "packages") {
                if let Some(fields) = package.as_object_mut() {
                    fields.insert("owner".into(), owner.get("owner").cloned().into());
                    fields.insert("ref".into(), entity.get("ref").cloned().into());
                    fields.insert("lifecycle".into(), entity.get("lifecycle").cloned().into());
                }
                rows.push(package);
            }
        }
    }
    rows
}

fn columns() -> Vec<Column> {
    let short =
        |path: &'static str| move |row: &Value| text_at(row, path).replacen(":default/", ":", 1);
    vec![
        Column::new("OWNER", short("owner")),
        Column::new("ENTITY", short("ref")),
        Column::at("PACKAGE", "name"),
        Column::at("VERSION", "version"),
        Column::at("RELATION", "relation"),
        Column::at("LIFECYCLE", "lifecycle").wide(),
        Column::at("VIA", "via").wide(),
        Column::at("LICENCE", "licence").wide(),
        Column::at("ECOSYSTEM", "ecosystem").wide(),
        Column::at("SBOM", "sbom").wide(),
    ]
}

/// How many teams are concerned, and what nobody can know from the SBOMs.
fn summary(output: &Output, found: &Value) {
    let number = |path: &str| {
        found
            .pointer(path)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let (owners, entities) = (number("/ownerCount"), number("/entityCount"));
    let (without, all) = (
        number("/coverage/componentsWithout"),
        number("/coverage/components"),
    );
    output.note(&output.lang.pick((
        format!(
            "{owners} owners, {entities} entities; {without} of {all} components have no SBOM"
        ),
        format!("소유자 {owners}명, 엔티티 {entities}개. 컴포넌트 {all}개 중 {without}개는 SBOM이 없습니다"),
    )));
    let unknown = number("/notComparedCount");
    if unknown > 0 {
        output.note(&output.lang.pick((
            format!("{unknown} versions could not be compared with the range; -o json lists them"),
            format!("버전 {unknown}개는 범위와 비교할 수 없습니다. -o json으로 확인하세요"),
        )));
    }
    if found.get("truncated").and_then(Value::as_bool) == Some(true) {
        output.note(output.lang.pick((
            "more match than an answer holds; narrow the name or the versions",
            "결과가 너무 많아 일부만 표시합니다. 이름이나 버전을 좁히세요",
        )));
    }
}
