//! Errors of the command line itself, in the form of all other errors.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::failure::Failure;
use super::texts::Lang;

/// What clap found, as a sentence with a way out.
pub(super) fn failure(error: &clap::Error, lang: Lang) -> Failure {
    let text = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let given = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        .into_iter()
        .map(text)
        .find(|text| !text.is_empty());
    let given = given.unwrap_or_default();
    let value = text(ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => lang.pick((
            format!("`{given}` is not expected here"),
            format!("`{given}`은(는) 여기에 쓸 수 없습니다"),
        )),
        ErrorKind::InvalidSubcommand => lang.pick((
            format!("there is no command `{given}`"),
            format!("`{given}` 명령이 없습니다"),
        )),
        ErrorKind::InvalidValue if value.is_empty() => lang.pick((
            format!("`{given}` needs a value"),
            format!("`{given}`에 값이 필요합니다"),
        )),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => lang.pick((
            format!("`{value}` is no value of {given}"),
            format!("`{value}`은(는) {given}에 쓸 수 없는 값입니다"),
        )),
        ErrorKind::MissingRequiredArgument => lang.pick((
            format!("{given} is missing"),
            format!("{given}이(가) 없습니다"),
        )),
        ErrorKind::MissingSubcommand => lang.pick((
            format!("{given} needs a command"),
            format!("{given}에 명령이 필요합니다"),
        )),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            lang.pick((
                format!("{given} cannot stand together with {other}"),
                format!("{given}과(와) {other}을(를) 함께 쓸 수 없습니다"),
            ))
        }
        _ => first_line(error),
    };
    let mut failure = Failure::new(Exit::Usage, message);
    failure.fix = fix(error, lang);
    failure
}

fn fix(error: &clap::Error, lang: Lang) -> Option<String> {
    let suggested = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    if let Some(near) = suggested
        .into_iter()
        .find_map(|kind| words(error.get(kind)?))
    {
        return Some(lang.pick((
            format!("did you mean {near}?"),
            format!("혹시 {near}인가요?"),
        )));
    }
    let valid = [ContextKind::ValidValue, ContextKind::ValidSubcommand];
    if let Some(valid) = valid.into_iter().find_map(|kind| words(error.get(kind)?)) {
        return Some(lang.pick((
            format!("choose one of {valid}"),
            format!("다음 중 하나를 고르세요: {valid}"),
        )));
    }
    Some(
        lang.pick(("see `portway help`", "`portway help`를 참고하세요"))
            .to_owned(),
    )
}

/// At most three words, the best first.
fn words(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) if !words.is_empty() => Some(words.join(", ")),
        _ => None,
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
