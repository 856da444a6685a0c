//! The language of the command line, and the help text of every command and
//! flag in each. Messages stand beside the code that prints them, as pairs of
//! English and Korean that [`Lang::pick`] chooses from; help is a table here,
//! because clap's tree is built once and then named.

mod golden_paths;
mod help;
mod reasons;

use std::collections::BTreeMap;

use clap::Command;

use help::HELP;

pub(super) use reasons::reason;

/// The languages that Portway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The first or the second of a pair: English, Korean.
    pub(super) fn pick<T>(self, (english, korean): (T, T)) -> T {
        match self {
            Self::En => english,
            Self::Ko => korean,
        }
    }

    /// Finds the language before the command line is parsed, because the help
    /// texts and the errors of parsing need it: `--lang`, then `PORTWAY_LANG`,
    /// then the locale.
    pub(super) fn find(arguments: &[String], variables: &BTreeMap<String, String>) -> Self {
        let given = arguments
            .iter()
            .zip(arguments.iter().skip(1).map(Some).chain([None]))
            .find_map(|(word, next)| {
                word.strip_prefix("--lang=").or_else(|| {
                    (word == "--lang")
                        .then(|| next.map(String::as_str))
                        .flatten()
                })
            });
        let set = |name: &str| {
            variables
                .get(name)
                .map(String::as_str)
                .filter(|value| !value.is_empty())
        };
        let locale = || {
            set("LC_ALL")
                .or_else(|| set("LC_MESSAGES"))
                .or_else(|| set("LANG"))
        };
        match given.or_else(|| set("PORTWAY_LANG")).or_else(locale) {
            Some(language) if language.to_ascii_lowercase().starts_with("ko") => Self::Ko,
            _ => Self::En,
        }
    }
}

/// Every text of the help.
fn texts() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    HELP.iter().chain(golden_paths::HELP)
}

fn text_of(key: &str, lang: Lang) -> Option<&'static str> {
    texts()
        .find(|(known, ..)| *known == key)
        .map(|(_, english, korean)| lang.pick((*english, *korean)))
}

/// Gives every command and flag its text.
pub(super) fn localise(command: Command, lang: Lang) -> Command {
    let headings = lang.pick((
        ("Commands", "Arguments", "Options"),
        ("명령", "인자", "옵션"),
    ));
    named(command, "", lang, headings)
}

type Headings = (&'static str, &'static str, &'static str);

fn named(command: Command, path: &str, lang: Lang, headings: Headings) -> Command {
    let (commands, arguments, options) = headings;
    let usage = lang.pick(("Usage", "사용법"));
    let template = format!("{{about}}\n\n{usage}: {{usage}}\n\n{{all-args}}");
    let names: Vec<String> = command
        .get_subcommands()
        .map(|inner| inner.get_name().to_owned())
        .collect();
    let mut command = command
        .help_template(template)
        .subcommand_help_heading(commands)
        .subcommand_value_name(lang.pick(("COMMAND", "명령")))
        .disable_help_flag(true);
    if let Some(about) = text_of(path, lang) {
        command = command.about(about);
    }
    command = command.mut_args(|arg| {
        let key = format!("{path}.{}", arg.get_id());
        let global = format!(".{}", arg.get_id());
        let text = text_of(&key, lang).or_else(|| text_of(&global, lang));
        let heading = if arg.is_positional() {
            arguments
        } else {
            options
        };
        let arg = arg.help_heading(heading);
        match (text, lang) {
            (Some(text), Lang::En) => arg.help(text),
            (Some(text), Lang::Ko) => korean(arg, text),
            (None, _) => arg,
        }
    });
    if path.is_empty() {
        let flag = clap::Arg::new("help")
            .long("help")
            .short('h')
            .global(true)
            .action(clap::ArgAction::Help);
        command = command.arg(
            flag.help(text_of(".help", lang).unwrap_or_default())
                .help_heading(options),
        );
    }
    for name in names {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path} {name}")
        };
        command = command.mut_subcommand(&name, |inner| named(inner, &path, lang, headings));
    }
    command
}

/// The text of a flag with what clap would add in English only: variable,
/// default and choices.
fn korean(arg: clap::Arg, text: &str) -> clap::Arg {
    let mut text = text.to_owned();
    if let Some(variable) = arg.get_env() {
        text.push_str(&format!(" [환경 변수: {}]", variable.to_string_lossy()));
    }
    // A flag without a value has neither default nor choices to hide.
    if !arg.get_action().takes_values() {
        return arg.help(text).hide_env(true);
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    if !defaults.is_empty() {
        text.push_str(&format!(" [기본값: {}]", defaults.join(", ")));
    }
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|choice| !choice.is_hide_set())
        .map(|choice| choice.get_name().to_owned())
        .collect();
    if !choices.is_empty() {
        text.push_str(&format!(" [선택: {}]", choices.join(", ")));
    }
    arg.help(text)
        .hide_env(true)
        .hide_default_value(true)
        .hide_possible_values(true)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;

    fn keys(command: &Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        for arg in command.get_arguments().filter(|arg| arg.get_id() != "help") {
            let at = if arg.is_global_set() {
                String::new()
            } else {
                path.to_owned()
            };
            found.push(format!("{at}.{}", arg.get_id()));
        }
        for inner in command.get_subcommands() {
            let path = if path.is_empty() {
                inner.get_name().to_owned()
            } else {
                format!("{path} {}", inner.get_name())
            };
            keys(inner, &path, found);
        }
    }

    #[test]
    fn every_command_and_flag_has_a_text_in_both_languages_and_no_text_is_left_over() {
        let mut found = vec![".help".to_owned()];
        keys(&Cli::command(), "", &mut found);
        for key in &found {
            let (_, english, korean) = texts()
                .find(|(known, ..)| known == key)
                .unwrap_or_else(|| panic!("no text for `{key}`"));
            assert!(
                !english.is_empty() && korean.chars().any(|letter| ('가'..='힣').contains(&letter)),
                "{key}"
            );
        }
        for (key, ..) in texts() {
            assert!(
                found.iter().any(|known| known == key),
                "`{key}` names nothing"
            );
        }
    }

    #[test]
    fn the_tree_is_well_formed_in_both_languages() {
        for lang in [Lang::En, Lang::Ko] {
            localise(Cli::command(), lang).debug_assert();
        }
    }

    #[test]
    fn korean_help_has_no_english_labels() {
        let tree = localise(Cli::command(), Lang::Ko);
        let names: Vec<String> = tree
            .get_subcommands()
            .map(|inner| inner.get_name().to_owned())
            .collect();
        let mut pages = vec![tree.clone().render_long_help().to_string()];
        for name in names {
            let mut inner = tree.find_subcommand(&name).unwrap().clone();
            pages.push(inner.render_long_help().to_string());
        }
        for page in pages {
            for english in ["[env:", "[default:", "ossible values", "Usage:", "Options:"] {
                assert!(!page.contains(english), "{english} in {page}");
            }
        }
    }

    #[test]
    fn every_reason_for_ignoring_a_key_has_a_translation_and_none_is_left_over() {
        let known: Vec<_> = platform::config::ignored_reasons().collect();
        for english in &known {
            let korean = reason(english, Lang::Ko);
            assert!(
                korean.chars().any(|letter| ('가'..='힣').contains(&letter)),
                "{english}"
            );
        }
        for (english, _) in reasons::REASONS {
            assert!(known.contains(english), "`{english}` is no reason any more");
        }
    }

    #[test]
    fn the_language_is_found_before_parsing() {
        let arguments = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let variables = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let locale = variables(&[("LANG", "ko_KR.UTF-8")]);
        assert_eq!(
            Lang::find(&arguments(&["portway", "get"]), &locale),
            Lang::Ko
        );
        assert_eq!(
            Lang::find(&arguments(&["portway", "--lang", "en", "get"]), &locale),
            Lang::En
        );
        assert_eq!(
            Lang::find(
                &arguments(&["portway", "get", "--lang=ko"]),
                &variables(&[])
            ),
            Lang::Ko
        );
        assert_eq!(
            Lang::find(
                &arguments(&["portway", "--lang"]),
                &variables(&[("PORTWAY_LANG", "ko")])
            ),
            Lang::Ko
        );
        assert_eq!(
            Lang::find(
                &arguments(&["portway"]),
                &variables(&[("LC_ALL", ""), ("LANG", "C")])
            ),
            Lang::En
        );
    }
}
