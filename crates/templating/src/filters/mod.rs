//! Filters: `value | name(…)`. What each does is Nunjucks 3.2.4's, in its
//! order of arguments.

mod html;
mod list;
mod text;

use std::rc::Rc;

use model::nearest;
use serde_json::Value as Json;

use crate::eval::{Given, Run};
use crate::value::Value;
use crate::{Engine, coerce, limits};

/// All filters of the language.
pub(crate) const NAMES: [&str; 43] = [
    "abs",
    "batch",
    "capitalize",
    "center",
    "d",
    "default",
    "dictsort",
    "dump",
    "e",
    "escape",
    "first",
    "float",
    "forceescape",
    "groupby",
    "indent",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "nl2br",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "trim",
    "truncate",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
];

/// That there is a filter with this name. Asked before its value is made, as
/// a template with a wrong name is wrong whatever its data are.
pub(crate) fn exists(engine: &Engine, name: &str) -> Result<(), String> {
    let own = NAMES.contains(&name) || (name == "jsonify" && engine.options.cookiecutter);
    if own || engine.filters.contains_key(name) {
        return Ok(());
    }
    let hint = match nearest(name, engine.filter_names()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => match name {
            "tojson" | "to_json" => "; `dump` makes JSON".to_owned(),
            _ => String::new(),
        },
    };
    Err(format!("there is no filter `{name}`{hint}"))
}

/// Applies a filter that exists. A text that it makes counts.
pub(crate) fn apply(
    run: &Run<'_>,
    name: &str,
    input: Value,
    given: &Given,
) -> Result<Value, String> {
    let before = input.as_text().cloned();
    if let Some(text) = &before {
        run.budget.work(text.len() / 64)?;
    }
    let made = applied(run, name, input, given)?;
    run.budget.output(made_of(before.as_ref(), &made))?;
    Ok(made)
}

/// Bytes of text that were made anew.
pub(crate) fn made_of(before: Option<&Rc<str>>, made: &Value) -> usize {
    let same = |text: &Rc<str>| before.is_some_and(|before| Rc::ptr_eq(before, text));
    let text = made.as_text().filter(|text| !same(text));
    text.map_or(0, |text| text.len())
}

fn applied(run: &Run<'_>, name: &str, input: Value, given: &Given) -> Result<Value, String> {
    if let Some(filter) = run.engine.filters.get(name) {
        if !given.named.is_empty() {
            return Err(format!(
                "`{name}` takes no named arguments; give them in order"
            ));
        }
        let mut arguments = vec![input.to_json()?];
        for argument in &given.plain {
            arguments.push(argument.to_json()?);
        }
        let answer = filter(&arguments).map_err(|message| format!("`{name}`: {message}"))?;
        return Ok(answer.map_or(Value::Undefined, |value| Value::from_json(&value)));
    }
    if !given.named.is_empty() && !matches!(name, "sort" | "int") {
        return Err(format!(
            "`{name}` takes no named arguments; give them in order"
        ));
    }
    let named = |message: String| format!("`{name}`: {message}");
    match name {
        "default" | "d" => Ok(default(input, given)),
        "safe" => Ok(match input {
            Value::Undefined | Value::Null => Value::Safe("".into()),
            other => Value::Safe(coerce::text(&other)?),
        }),
        "dump" | "jsonify" => dump(&input, given).map_err(named),
        "escape" | "e" | "forceescape" | "nl2br" | "striptags" | "urlencode" | "urlize" => {
            html::apply(name, &input, given).map_err(named)
        }
        "batch" | "dictsort" | "first" | "groupby" | "join" | "last" | "length" | "list"
        | "random" | "reject" | "rejectattr" | "reverse" | "select" | "selectattr" | "slice"
        | "sort" | "sum" => list::apply(run, name, &input, given).map_err(named),
        _ => text::apply(run, name, &input, given).map_err(named),
    }
}

/// `default(other, also for what counts as false)`.
fn default(input: Value, given: &Given) -> Value {
    let missing = if coerce::truth(&given.get(1)) {
        !coerce::truth(&input)
    } else {
        matches!(input, Value::Undefined)
    };
    if missing { given.get(0) } else { input }
}

/// JSON as `JSON.stringify` writes it.
fn dump(input: &Value, given: &Given) -> Result<Value, String> {
    let Some(json) = input.to_json()? else {
        return Ok(Value::Undefined);
    };
    let indent = match given.get(0) {
        Value::Undefined | Value::Null => String::new(),
        Value::Text(text) | Value::Safe(text) => text.chars().take(10).collect(),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10"
        )]
        other => " ".repeat(coerce::whole(coerce::number(&other)?).clamp(0.0, 10.0) as usize),
    };
    let mut made = String::new();
    write_json(&json, &indent, 0, &mut made)?;
    Ok(Value::text(&made))
}

fn write_json(json: &Json, indent: &str, level: usize, made: &mut String) -> Result<(), String> {
    let line = |made: &mut String, level: usize| {
        if !indent.is_empty() {
            made.push('\n');
            made.push_str(&indent.repeat(level));
        }
    };
    // A small value that lies deep is mostly indentation.
    limits::charge_room(made.len())?;
    match json {
        Json::Number(number) => {
            made.push_str(&coerce::number_text(number.as_f64().unwrap_or_default()))
        }
        Json::Array(items) if !items.is_empty() => {
            made.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    made.push(',');
                }
                line(made, level + 1);
                write_json(item, indent, level + 1, made)?;
            }
            line(made, level);
            made.push(']');
        }
        Json::Object(fields) if !fields.is_empty() => {
            made.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    made.push(',');
                }
                line(made, level + 1);
                made.push_str(&Json::String(key.clone()).to_string());
                made.push_str(if indent.is_empty() { ":" } else { ": " });
                write_json(value, indent, level + 1, made)?;
            }
            line(made, level);
            made.push('}');
        }
        other => made.push_str(&other.to_string()),
    }
    Ok(())
}
