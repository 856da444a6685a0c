//! `portway import backstage`: what a Backstage configuration becomes.

use platform::config::{Config, Database, KeyReport, KeyStatus};
use serde_json::{Value, json};

use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};
use super::texts::{Lang, reason};

/// Prints what is used, what is ignored and why.
pub(super) fn report(output: &Output, config: &Config) -> Result<(), Failure> {
    let keys = config.report();
    let lang = output.lang;
    let rows: Vec<Value> = keys.iter().map(|key| row(key, lang)).collect();
    let columns = [
        Column::at("STATUS", "status"),
        Column::at("KEY", "path"),
        Column::at("VALUES", "values"),
        Column::at("WHERE", "origin"),
        Column::at("NOTE", "note"),
    ];
    let count =
        |wanted: fn(&KeyStatus) -> bool| keys.iter().filter(|key| wanted(&key.status)).count();
    let used = count(|status| matches!(status, KeyStatus::Read));
    let ignored = count(|status| matches!(status, KeyStatus::Ignored { .. }));
    let unknown = count(|status| matches!(status, KeyStatus::Unknown { .. }));
    let missing = config.warnings().len();
    // A report that stops at the first gap would not be one.
    let (effective, gap) = match effective(config) {
        Ok(effective) => (effective, None),
        Err(gap) => (Value::Null, Some(gap)),
    };
    let meta = json!({
        "used": used, "ignored": ignored, "unknown": unknown, "missingVariables": missing,
        "files": config.files(), "effective": effective, "warnings": config.warnings(),
    });
    output.list("ConfigKeyList", &rows, &columns, &meta, |row| {
        text_at(row, "path")
    })?;
    for warning in config.warnings() {
        output.note(&warning.to_string());
    }
    let misfits = config.misfits();
    for misfit in &misfits {
        output.note(&misfit.to_string());
    }
    let text = |path: &str| text_at(&effective, path);
    output.note(&lang.pick((
        format!("{used} used, {ignored} ignored, {unknown} unknown, {missing} missing variables"),
        format!("사용 {used}개, 무시 {ignored}개, 알 수 없음 {unknown}개, 설정되지 않은 변수 {missing}개"),
    )));
    if let Some(gap) = gap {
        output.note(&gap.to_string());
        return if output.exit_code {
            Err(Failure::code_only(Exit::Findings))
        } else {
            Ok(())
        };
    }
    output.note(&lang.pick((
        format!(
            "Portway would listen on {}, be reached at {}, keep its state in {}, and read {} locations and {} providers",
            text("listen"), text("url"), text("database"), text("locations"), text("providers")
        ),
        format!(
            "Portway 수신 주소 {}, 공개 주소 {}, 저장소 {}, 위치 {}개, 공급자 {}개",
            text("listen"), text("url"), text("database"), text("locations"), text("providers")
        ),
    )));
    if output.exit_code && unknown + missing + misfits.len() > 0 {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

fn row(key: &KeyReport, lang: Lang) -> Value {
    let mut row = serde_json::to_value(key).unwrap_or_default();
    let note = match &key.status {
        KeyStatus::Read => String::new(),
        KeyStatus::Ignored { why } => reason(why, lang).to_owned(),
        KeyStatus::Unknown {
            nearest: Some(near),
        } => lang.pick((
            format!("did you mean {near}?"),
            format!("혹시 {near}인가요?"),
        )),
        KeyStatus::Unknown { nearest: None } => lang
            .pick((
                "Portway does not know this key",
                "Portway가 알지 못하는 키입니다",
            ))
            .to_owned(),
    };
    if let Some(fields) = row.as_object_mut() {
        fields.insert("note".to_owned(), note.into());
    }
    row
}

/// What Portway would do with the configuration, without secrets.
fn effective(config: &Config) -> Result<Value, Failure> {
    let refused = |found: model::Diagnostic| Failure::from_diagnostics(Exit::Failed, &[found]);
    let listen = config.listen().map_err(refused)?.to_string();
    let database = match config.database().map_err(refused)? {
        Database::Embedded => "SQLite".to_owned(),
        Database::Memory => "memory".to_owned(),
        Database::File(path) => path.display().to_string(),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let url = config
        .public_url()
        .map_err(refused)?
        .unwrap_or_else(|| format!("http://{listen}"));
    let locations = config.list("catalog.locations").map_err(refused)?.len();
    let providers = config
        .at("catalog.providers")
        .map_or(0, |providers| providers.fields().len());
    Ok(
        json!({"listen": listen, "url": url, "database": database, "locations": locations, "providers": providers}),
    )
}
