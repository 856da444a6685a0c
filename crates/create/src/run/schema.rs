//! Values checked by JSON Schema (draft 7), with what is wrong in the shape
//! and the words that Backstage's clients know, and in words for people in
//! both languages.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Value, json};

/// Problems that one answer lists.
const MOST: usize = 100;

/// One thing that is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Keys and indices from the whole value to what is wrong.
    pub path: Vec<Value>,
    /// The keyword of the schema: `required`, `pattern`.
    pub keyword: String,
    /// What the keyword says.
    pub argument: Value,
    /// In the words of Backstage: `requires property "name"`.
    pub message: String,
    /// The part of the schema.
    pub schema: Value,
    /// The value that is wrong.
    pub instance: Value,
    /// For people: English and Korean. Never a bare regular expression.
    pub words: (String, String),
}

impl Problem {
    /// `instance.name`, as Backstage names the place.
    pub fn property(&self) -> String {
        let mut text = "instance".to_owned();
        for step in &self.path {
            match step {
                Value::Number(index) => text.push_str(&format!("[{index}]")),
                Value::String(key) if is_plain(key) => text.push_str(&format!(".{key}")),
                other => text.push_str(&format!("[{other}]")),
            }
        }
        text
    }

    /// `instance requires property "name"`.
    pub fn stack(&self) -> String {
        format!("{} {}", self.property(), self.message)
    }

    /// As Backstage's API answers it.
    pub fn to_json(&self) -> Value {
        json!({
            "path": self.path,
            "property": self.property(),
            "message": self.message,
            "schema": self.schema,
            "instance": self.instance,
            "name": self.keyword,
            "argument": self.argument,
            "stack": self.stack(),
            "words": { "en": self.words.0, "ko": self.words.1 },
        })
    }
}

fn is_plain(key: &str) -> bool {
    let mut letters = key.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || "_$".contains(first))
        && letters.all(|letter| letter.is_alphanumeric() || "_$".contains(letter))
}

/// What is wrong with a value. A schema that cannot be read finds nothing
/// wrong, and says so as the only problem.
pub fn problems(schema: &Value, value: &Value) -> Vec<Problem> {
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .should_validate_formats(true)
        .build(schema);
    let validator = match validator {
        Ok(validator) => validator,
        Err(error) => return vec![unreadable(schema, &error.to_string())],
    };
    validator
        .iter_errors(value)
        .take(MOST)
        .map(|error| problem(schema, value, &error))
        .collect()
}

fn unreadable(schema: &Value, error: &str) -> Problem {
    Problem {
        path: Vec::new(),
        keyword: "schema".to_owned(),
        argument: Value::Null,
        message: format!("cannot be checked, because the schema is not valid: {error}"),
        schema: schema.clone(),
        instance: Value::Null,
        words: (
            format!("The template's own schema is not valid: {error}"),
            format!("템플릿의 스키마가 올바르지 않아요: {error}"),
        ),
    }
}

fn problem(root: &Value, whole: &Value, error: &ValidationError<'_>) -> Problem {
    let place = error.instance_path().to_string();
    let at = error.schema_path().to_string();
    let (parent, keyword) = at.rsplit_once('/').unwrap_or(("", at.as_str()));
    let schema = root.pointer(parent).cloned().unwrap_or_default();
    let argument = schema.get(keyword).cloned().unwrap_or_default();
    let instance = whole.pointer(&place).cloned().unwrap_or_default();
    let path = steps(whole, &place);
    let told = tell(error.kind(), &argument, &schema);
    let mut found = Problem {
        keyword: told.keyword.unwrap_or(keyword).to_owned(),
        argument: told.argument.unwrap_or(argument),
        message: told.message.unwrap_or_else(|| error.to_string()),
        words: told.words,
        path,
        schema,
        instance,
    };
    if let Some(text) = own_message(root, &found) {
        found.words = (text.clone(), text);
    }
    found
}

/// Keys and indices of a JSON pointer into a value.
fn steps(whole: &Value, pointer: &str) -> Vec<Value> {
    let mut here = Some(whole);
    let mut path = Vec::new();
    for token in pointer.split('/').skip(1) {
        let key = token.replace("~1", "/").replace("~0", "~");
        let index = key.parse::<usize>().ok();
        match (here, index) {
            (Some(Value::Array(items)), Some(index)) => {
                path.push(json!(index));
                here = items.get(index);
            }
            (value, _) => {
                here = value.and_then(|value| value.get(&key));
                path.push(json!(key));
            }
        }
    }
    path
}

/// The template's own words, by the convention of ajv-errors: `errorMessage`
/// as a text, by keyword, or by property.
fn own_message(root: &Value, found: &Problem) -> Option<String> {
    let own = |schema: &Value| {
        let message = schema.get("errorMessage")?;
        let by_keyword = message.get(&found.keyword);
        let by_property = match (found.keyword.as_str(), &found.argument) {
            ("required", Value::String(name)) => by_keyword.and_then(|all| all.get(name)),
            _ => None,
        };
        let text = by_property.or(by_keyword).unwrap_or(message);
        text.as_str().map(str::to_owned)
    };
    let from_parent = || {
        let Some(Value::String(last)) = found.path.last() else {
            return None;
        };
        let message = root.pointer(&format!("/errorMessage/properties/{last}"))?;
        message.as_str().map(str::to_owned)
    };
    own(&found.schema).or_else(from_parent)
}

/// What is told of one keyword.
struct Told {
    keyword: Option<&'static str>,
    argument: Option<Value>,
    message: Option<String>,
    words: (String, String),
}

fn told(message: String, en: String, ko: String) -> Told {
    Told {
        keyword: None,
        argument: None,
        message: Some(message),
        words: (en, ko),
    }
}

fn tell(kind: &ValidationErrorKind, argument: &Value, schema: &Value) -> Told {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Told {
                keyword: Some("required"),
                argument: Some(property.clone()),
                ..told(
                    format!("requires property \"{name}\""),
                    format!("`{name}` has to be filled in"),
                    format!("`{name}` 항목을 입력해 주세요"),
                )
            }
        }
        Kind::AdditionalProperties { unexpected } => {
            let name = unexpected.first().map(String::as_str).unwrap_or_default();
            let known = schema.get("properties").and_then(Value::as_object);
            let near = known.and_then(|all| model::nearest(name, all.keys().map(String::as_str)));
            let (hint, hint_ko) = match near {
                Some(near) => (
                    format!("; did you mean `{near}`?"),
                    format!(". `{near}` 아닌가요?"),
                ),
                None => Default::default(),
            };
            Told {
                keyword: Some("additionalProperties"),
                argument: Some(name.into()),
                ..told(
                    format!("is not allowed to have the additional property \"{name}\""),
                    format!("there is no `{name}` here{hint}"),
                    format!("`{name}` 항목은 쓸 수 없어요{hint_ko}"),
                )
            }
        }
        Kind::Type { kind } => {
            let kinds = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(_) => listed(argument),
            };
            told(
                format!("is not of a type(s) {kinds}"),
                format!("this has to be {}", kind_words(&kinds).0),
                format!("{} 값이어야 해요", kind_words(&kinds).1),
            )
        }
        Kind::Enum { options } => {
            let all = listed(options);
            told(
                format!("is not one of enum values: {}", all.replace(", ", ",")),
                format!("choose one of {all}"),
                format!("{all} 중에서 골라 주세요"),
            )
        }
        Kind::Constant { expected_value } => told(
            format!("does not exactly match expected constant: {expected_value}"),
            format!("this has to be {expected_value}"),
            format!("{expected_value} 값이어야 해요"),
        ),
        Kind::Pattern { pattern } => pattern_words(pattern, schema),
        Kind::Format { format } => told(
            format!("does not conform to the \"{format}\" format"),
            format!("this has to be of the form `{format}`"),
            format!("`{format}` 형식이어야 해요"),
        ),
        _ => tell_bound(kind, argument),
    }
}

fn tell_bound(kind: &ValidationErrorKind, argument: &Value) -> Told {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::MinLength { limit } => told(
            format!("does not meet minimum length of {limit}"),
            format!("at least {limit} characters"),
            format!("{limit}자 이상이어야 해요"),
        ),
        Kind::MaxLength { limit } => told(
            format!("does not meet maximum length of {limit}"),
            format!("at most {limit} characters"),
            format!("{limit}자 이하여야 해요"),
        ),
        Kind::Minimum { limit } => told(
            format!("must be greater than or equal to {limit}"),
            format!("at least {limit}"),
            format!("{limit} 이상이어야 해요"),
        ),
        Kind::Maximum { limit } => told(
            format!("must be less than or equal to {limit}"),
            format!("at most {limit}"),
            format!("{limit} 이하여야 해요"),
        ),
        Kind::ExclusiveMinimum { limit } => told(
            format!("must be strictly greater than {limit}"),
            format!("more than {limit}"),
            format!("{limit}보다 커야 해요"),
        ),
        Kind::ExclusiveMaximum { limit } => told(
            format!("must be strictly less than {limit}"),
            format!("less than {limit}"),
            format!("{limit}보다 작아야 해요"),
        ),
        Kind::MinItems { limit } => told(
            format!("does not meet minimum length of {limit}"),
            format!("choose at least {limit}"),
            format!("{limit}개 이상 골라 주세요"),
        ),
        Kind::MaxItems { limit } => told(
            format!("does not meet maximum length of {limit}"),
            format!("choose at most {limit}"),
            format!("{limit}개까지만 고를 수 있어요"),
        ),
        Kind::UniqueItems => told(
            "contains duplicate item".to_owned(),
            "the same item stands here twice".to_owned(),
            "같은 항목이 두 번 들어 있어요".to_owned(),
        ),
        Kind::AnyOf { .. } => told(
            format!("is not any of {}", branches(argument)),
            "this fits none of the forms that it may have".to_owned(),
            "허용된 형식 중 어느 것에도 맞지 않아요".to_owned(),
        ),
        Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => told(
            format!("is not exactly one from {}", branches(argument)),
            "this fits none, or several, of the forms that it may have".to_owned(),
            "허용된 형식 중 정확히 하나에 맞아야 해요".to_owned(),
        ),
        other => {
            let text = format!("{other:?}");
            let name = text
                .split([' ', '{', '('])
                .next()
                .unwrap_or_default()
                .to_owned();
            Told {
                keyword: None,
                argument: None,
                message: None,
                words: (
                    format!("this does not fit the rule `{name}`"),
                    format!("`{name}` 규칙에 맞지 않아요"),
                ),
            }
        }
    }
}

/// A pattern said in words where it is one that people use; with what the
/// schema says of itself otherwise.
fn pattern_words(pattern: &str, schema: &Value) -> Told {
    let known = [
        (
            "^[a-z][a-z0-9-]*$",
            "small letters, digits and `-`, beginning with a letter",
            "영문 소문자로 시작하고 소문자, 숫자, `-`만 쓸 수 있어요",
        ),
        (
            "^[a-z][a-z0-9_]*$",
            "small letters, digits and `_`, beginning with a letter",
            "영문 소문자로 시작하고 소문자, 숫자, `_`만 쓸 수 있어요",
        ),
        (
            "^[a-z0-9-]+$",
            "small letters, digits and `-`",
            "영문 소문자, 숫자, `-`만 쓸 수 있어요",
        ),
        (
            "^[a-zA-Z0-9-]+$",
            "letters, digits and `-`",
            "영문자, 숫자, `-`만 쓸 수 있어요",
        ),
        ("^[0-9]+$", "digits only", "숫자만 쓸 수 있어요"),
    ];
    let found = known.iter().find(|(text, ..)| *text == pattern);
    let told_by_schema = || {
        let help = ["ui:help", "description", "title"]
            .iter()
            .find_map(|key| schema.get(*key)?.as_str());
        match help {
            Some(help) => (
                format!("this does not have the form that is wanted: {help}"),
                format!("필요한 형식이 아니에요: {help}"),
            ),
            None => (
                format!("this does not have the form that is wanted; it has to match `{pattern}`"),
                format!("필요한 형식이 아니에요. `{pattern}`에 맞아야 해요"),
            ),
        }
    };
    let (en, ko) = match found {
        Some((_, en, ko)) => (format!("use {en}"), (*ko).to_owned()),
        None => told_by_schema(),
    };
    told(format!("does not match pattern \"{pattern}\""), en, ko)
}

fn kind_words(kinds: &str) -> (&str, &str) {
    match kinds {
        "string" => ("a text", "텍스트"),
        "number" => ("a number", "숫자"),
        "integer" => ("a whole number", "정수"),
        "boolean" => ("true or false", "true 또는 false"),
        "array" => ("a list", "목록"),
        "object" => ("an object", "객체"),
        "null" => ("null", "null"),
        other => (other, other),
    }
}

fn listed(list: &Value) -> String {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<String> = items
        .iter()
        .map(|item| {
            item.as_str()
                .map_or_else(|| item.to_string(), str::to_owned)
        })
        .collect();
    texts.join(", ")
}

fn branches(argument: &Value) -> String {
    let count = argument.as_array().map_or(0, Vec::len);
    let names: Vec<String> = (0..count)
        .map(|index| {
            let title = argument.get(index).and_then(|one| one.get("title"));
            let title = title.and_then(Value::as_str);
            title.map_or_else(
                || format!("[subschema {index}]"),
                |title| format!("\"{title}\""),
            )
        })
        .collect();
    names.join(",")
}
