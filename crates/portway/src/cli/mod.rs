//! The command line: arguments in, one exit code out.
//!
//! ```text
//! run ── texts (language) ── args (clap) ── output ──► validate, import, doctor, help   offline
//!                                                  └─► client ── entities, graph, …     remote
//! ```
//!
//! What must stay true: data goes to standard output and nothing else does;
//! every verb goes through the HTTP API, like any other client.

mod account;
mod args;
mod audit;
mod auth_doctor;
mod campaigns;
mod can_i;
mod client;
mod docs;
mod doctor;
mod entities;
mod exit;
mod export;
mod failure;
mod graph;
mod help;
mod import;
mod local;
mod locations;
mod login;
mod logins;
mod output;
mod packages;
mod task;
mod template;
mod texts;
mod token;
mod usage;
mod validate;
mod workload;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Auth, Cli, Global, Import, Up, Verb};
use client::Client;
use output::Output;
use platform::config::{Config, Sources};
use platform::telemetry::{LogSettings, start_logging};
use texts::Lang;

use crate::server::UpOptions;

pub use exit::Exit;
pub use failure::Failure;
pub use local::{LocalAccess, default_data_folder};

/// Runs one command and says how it ended. `serve` starts the server and
/// returns when it has stopped; it is given here, so that everything else
/// needs no server.
pub fn run<S, F>(arguments: Vec<OsString>, variables: &BTreeMap<String, String>, serve: S) -> Exit
where
    S: FnOnce(UpOptions) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let words: Vec<String> = arguments
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let lang = Lang::find(&words, variables);
    let tree = texts::localise(Cli::command(), lang);
    let matches = match tree.clone().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return not_parsed(&error, lang, &words, variables),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error, lang, &words, variables),
    };
    let output = Output::new(
        &cli.global,
        lang,
        is_set(variables, "NO_COLOR"),
        variables.get("COLUMNS").map(String::as_str),
    );
    if typed_token(&matches) {
        output.warn(lang.pick((
            "warning: other users of this machine can see --token; set PORTWAY_TOKEN instead",
            "경고: --token은 이 컴퓨터의 다른 사용자가 볼 수 있습니다. PORTWAY_TOKEN을 사용하세요",
        )));
    }
    let ended = dispatch(&cli, tree, &output, variables, serve);
    match ended {
        Ok(()) => Exit::Success,
        Err(failure) => {
            output.failure(&failure);
            failure.exit
        }
    }
}

fn is_set(variables: &BTreeMap<String, String>, name: &str) -> bool {
    variables.get(name).is_some_and(|value| !value.is_empty())
}

/// Whether the token stands on the command line, on any level of it.
fn typed_token(matches: &clap::ArgMatches) -> bool {
    matches.value_source("token") == Some(ValueSource::CommandLine)
        || matches
            .subcommand()
            .is_some_and(|(_, inner)| typed_token(inner))
}

/// Help that was asked for goes to standard output; everything else is an
/// error in the form that `-o` asks for.
fn not_parsed(
    error: &clap::Error,
    lang: Lang,
    words: &[String],
    variables: &BTreeMap<String, String>,
) -> Exit {
    use clap::error::ErrorKind;
    let json = words.windows(2).any(|pair| matches!(pair, [flag, value] if (flag == "-o" || flag == "--output") && value == "json"))
        || words.iter().any(|word| word == "-ojson" || word == "--output=json");
    let output = Output::plain(lang, json, is_set(variables, "NO_COLOR"));
    match error.kind() {
        ErrorKind::DisplayHelp => match output.data(&error.to_string()) {
            Ok(()) => Exit::Success,
            Err(failure) => failure.exit,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output.warn(error.to_string().trim_end());
            Exit::Usage
        }
        _ => {
            output.failure(&usage::failure(error, lang));
            Exit::Usage
        }
    }
}

fn dispatch<S, F>(
    cli: &Cli,
    tree: clap::Command,
    output: &Output,
    variables: &BTreeMap<String, String>,
    serve: S,
) -> Result<(), Failure>
where
    S: FnOnce(UpOptions) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let global = &cli.global;
    let Some(verb) = &cli.verb else {
        return output.data(&help::tasks(output.lang));
    };
    match verb {
        Verb::Up(args) => start(output, global, args, variables, serve),
        Verb::Validate(args) => validate::validate(output, args, variables),
        Verb::Docs { verb } => docs::docs(output, verb),
        Verb::Template {
            verb: verb @ (args::Template::Lint { .. } | args::Template::Render { .. }),
        } => template::template(output, verb),
        Verb::Import {
            from: Import::Backstage { files, apply, env },
        } => {
            if !*apply {
                let config = configuration(files, env.as_deref(), variables)
                    .map_err(|found| refused(&found))?;
                return import::report(output, &config);
            }
            let args = Up {
                paths: Vec::new(),
                demo: false,
                listen: None,
                configs: files.clone(),
                database: None,
                env: env.clone(),
            };
            start(output, global, &args, variables, serve)
        }
        Verb::Completion(args) => {
            let mut script = Vec::new();
            let mut tree = tree;
            clap_complete::generate(args.shell, &mut tree, "portway", &mut script);
            output.data(&String::from_utf8_lossy(&script))
        }
        Verb::Version => {
            let version = env!("CARGO_PKG_VERSION");
            output.one(
                "Version",
                &serde_json::json!({"version": version}),
                version,
                |_| format!("portway {version}\n"),
            )
        }
        Verb::Help(args) => help::help(output, tree, &args.topic),
        Verb::Audit {
            verb: args::Audit::Verify(verify),
        } if verify.file.is_some() => {
            let path = verify.file.as_deref().unwrap_or(std::path::Path::new(""));
            audit::offline(output, path, verify)
        }
        remote => block_on(output, false, ask(remote, global, output, variables)).flatten(),
    }
}

fn start<S, F>(
    output: &Output,
    global: &Global,
    args: &Up,
    variables: &BTreeMap<String, String>,
    serve: S,
) -> Result<(), Failure>
where
    S: FnOnce(UpOptions) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let options = UpOptions {
        paths: args.paths.clone(),
        demo: args.demo,
        data: data_folder(global, variables),
        listen: args.listen.clone(),
        configs: args.configs.clone(),
        database: args.database.clone(),
        environment: args.env.clone(),
        variables: variables.clone(),
    };
    let settings = LogSettings::from_variables(variables, std::io::stderr().is_terminal());
    start_logging(&settings).map_err(|cause| Failure::new(Exit::Usage, cause))?;
    block_on(output, true, serve(options))?.map_err(|error| {
        error.downcast::<Failure>().unwrap_or_else(|error| {
            let cause: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
            let mut failure = Failure::new(Exit::Failed, error.to_string());
            failure.cause = (!cause.is_empty()).then(|| cause.join(": "));
            failure
        })
    })
}

/// The verbs that may talk to a server.
async fn ask(
    verb: &Verb,
    global: &Global,
    output: &Output,
    variables: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let data = data_folder(global, variables);
    let timeout = Duration::from_secs(global.timeout);
    let connect = || {
        Client::find(
            global.server.as_deref(),
            global.token.as_deref(),
            &data,
            timeout,
            output.lang,
        )
    };
    if let Verb::Doctor(args) = verb {
        let config = configuration(&args.configs, args.env.as_deref(), variables);
        let patient = doctor::Patient {
            config,
            client: connect(),
            data,
        };
        return doctor::doctor(output, patient).await;
    }
    let client = connect()?;
    match verb {
        Verb::Login(args) => login::login(&client, output, args).await,
        Verb::Logout => login::logout(&client, output).await,
        Verb::Whoami => login::whoami(&client, output).await,
        Verb::Account { verb } => account::account(&client, output, verb).await,
        Verb::Auth {
            verb: Auth::CanI(args),
        } => can_i::can_i(&client, output, args).await,
        Verb::Auth {
            verb: Auth::Doctor(args),
        } => auth_doctor::auth_doctor(&client, output, args).await,
        Verb::Auth {
            verb: Auth::ExplainWorkload { token_file },
        } => workload::explain(&client, output, token_file).await,
        Verb::Get(args) => entities::get(&client, output, args).await,
        Verb::Owner(args) => graph::owner(&client, output, args).await,
        Verb::Impact(args) => graph::impact(&client, output, args).await,
        Verb::Path(args) => graph::path(&client, output, args).await,
        Verb::History(args) => graph::history(&client, output, args).await,
        Verb::Template { verb } => task::template(&client, output, verb).await,
        Verb::Task { verb } => task::task(&client, output, verb).await,
        Verb::Campaigns(args) => campaigns::campaigns(&client, output, args).await,
        Verb::Packages(args) => packages::packages(&client, output, args).await,
        Verb::Register(args) => locations::register(&client, output, args).await,
        Verb::Refresh(args) => locations::refresh(&client, output, args).await,
        Verb::Export(args) => export::export(&client, output, args).await,
        Verb::Audit { verb } => audit::audit(&client, output, verb).await,
        Verb::Token { verb } => {
            token::token(&client, output, verb, platform::Clock::system().now()).await
        }
        // `dispatch` has run every other verb.
        _ => Ok(()),
    }
}

fn data_folder(global: &Global, variables: &BTreeMap<String, String>) -> PathBuf {
    global
        .data
        .clone()
        .unwrap_or_else(|| default_data_folder(variables))
}

/// The configuration of the given files, or of the current folder.
fn configuration(
    files: &[PathBuf],
    environment: Option<&str>,
    variables: &BTreeMap<String, String>,
) -> Result<Config, Vec<model::Diagnostic>> {
    Config::load(&Sources {
        files: files.to_vec(),
        directory: PathBuf::new(),
        environment: environment.map(str::to_owned),
        variables: variables.clone(),
    })
}

/// A configuration that cannot be used. Its warnings are left out, because
/// they would hide what has to be mended first.
fn refused(found: &[model::Diagnostic]) -> Failure {
    let is_error = |found: &&model::Diagnostic| found.severity == model::Severity::Error;
    let errors: Vec<_> = found.iter().filter(is_error).cloned().collect();
    Failure::from_diagnostics(Exit::Failed, &errors)
}

/// One thread is enough for a client and starts faster.
fn block_on<T>(
    output: &Output,
    threads: bool,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let mut builder = if threads {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = builder.enable_all().build().map_err(|cause| {
        Failure::new(
            Exit::Failed,
            output.lang.pick((
                "the program cannot start its threads",
                "프로그램의 스레드를 시작할 수 없습니다",
            )),
        )
        .cause(cause.to_string())
    })?;
    Ok(runtime.block_on(work))
}
