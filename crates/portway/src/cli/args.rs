//! The command tree. Help texts are not here but in [`super::texts`], in every
//! language, and a test checks that none is missing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Everything that may stand on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "portway",
    disable_help_subcommand = true,
    disable_version_flag = true
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Global {
    #[arg(
        long,
        short,
        global = true,
        env = "PORTWAY_OUTPUT",
        value_enum,
        default_value = "table"
    )]
    pub(super) output: Format,
    #[arg(long, global = true, env = "PORTWAY_SERVER")]
    pub(super) server: Option<String>,
    #[arg(long, global = true, hide_env_values = true, env = "PORTWAY_TOKEN")]
    pub(super) token: Option<String>,
    #[arg(long, global = true, env = "PORTWAY_LANG", value_enum)]
    pub(super) lang: Option<LangArg>,
    #[arg(
        long,
        global = true,
        env = "PORTWAY_COLOR",
        value_enum,
        default_value = "auto"
    )]
    pub(super) color: Color,
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    #[arg(long, global = true)]
    pub(super) no_headers: bool,
    #[arg(long, global = true)]
    pub(super) exit_code: bool,
    #[arg(
        long,
        global = true,
        env = "PORTWAY_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30
    )]
    pub(super) timeout: u64,
    #[arg(long, global = true, env = "PORTWAY_DATA", value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
}

/// How data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Wide,
    Json,
    Yaml,
    Jsonl,
    Csv,
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    Ko,
    En,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// The commands, in the order in which help lists them.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    Up(Up),
    Validate(Validate),
    Docs {
        #[command(subcommand)]
        verb: Docs,
    },
    Template {
        #[command(subcommand)]
        verb: Template,
    },
    Task {
        #[command(subcommand)]
        verb: Task,
    },
    Get(Get),
    Owner(Reference),
    Impact(Impact),
    Path(PathBetween),
    History(History),
    Campaigns(Campaigns),
    Packages(Packages),
    Register(Register),
    Refresh(Refresh),
    Export(Export),
    Import {
        #[command(subcommand)]
        from: Import,
    },
    Login(Login),
    Logout,
    Whoami,
    Token {
        #[command(subcommand)]
        verb: Token,
    },
    Account {
        #[command(subcommand)]
        verb: Account,
    },
    Audit {
        #[command(subcommand)]
        verb: Audit,
    },
    Auth {
        #[command(subcommand)]
        verb: Auth,
    },
    Doctor(Doctor),
    Completion(Completion),
    Version,
    Help(Help),
}

#[derive(Args, Debug)]
pub(super) struct Up {
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(super) demo: bool,
    #[arg(long, env = "PORTWAY_LISTEN", value_name = "ADDR:PORT")]
    pub(super) listen: Option<String>,
    #[arg(long = "config", value_name = "FILE")]
    pub(super) configs: Vec<PathBuf>,
    #[arg(
        long,
        env = "PORTWAY_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(super) database: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Validate {
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(super) no_references: bool,
    #[arg(long = "config", value_name = "FILE")]
    pub(super) configs: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Template {
    Lint {
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    Render {
        #[arg(value_name = "SKELETON")]
        skeleton: PathBuf,
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        #[arg(long, value_name = "FILE")]
        values: Option<PathBuf>,
        #[arg(long = "set", value_name = "NAME=VALUE")]
        set: Vec<String>,
        #[arg(long = "raw", value_name = "GLOB")]
        raw: Vec<String>,
        #[arg(long, value_name = "ENDING")]
        only: Option<String>,
        #[arg(long)]
        cookiecutter: bool,
        #[arg(long)]
        replace: bool,
    },
    List,
    Run {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, short = 'f', value_name = "FILE")]
        values: Option<PathBuf>,
        #[arg(long = "set", short = 'p', value_name = "NAME=VALUE")]
        set: Vec<String>,
        #[arg(long, value_name = "NAME=VALUE")]
        secret: Vec<String>,
        #[arg(long, short = 'w')]
        watch: bool,
    },
    DryRun {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, short = 'f', value_name = "FILE")]
        values: Option<PathBuf>,
        #[arg(long = "set", short = 'p', value_name = "NAME=VALUE")]
        set: Vec<String>,
    },
}

/// What can be done with runs of templates.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    List {
        #[arg(long, value_name = "STATE")]
        status: Vec<String>,
        #[arg(long)]
        mine: bool,
        #[arg(long, value_name = "COUNT", default_value_t = 50)]
        limit: u32,
    },
    Get {
        #[arg(value_name = "ID")]
        id: String,
    },
    Logs {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, short = 'w')]
        follow: bool,
    },
    Cancel {
        #[arg(value_name = "ID")]
        id: String,
    },
    Retry {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "NAME=VALUE")]
        secret: Vec<String>,
        #[arg(long)]
        from_start: bool,
        #[arg(long, short = 'w')]
        watch: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct Get {
    #[arg(value_name = "KIND|REF")]
    pub(super) noun: String,
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    #[arg(long, short = 'l', value_name = "KEY=VALUE")]
    pub(super) selector: Vec<String>,
    #[arg(long, short = 'f', value_name = "FILTER")]
    pub(super) filter: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub(super) query: Option<String>,
    #[arg(long, short = 'n')]
    pub(super) namespace: Option<String>,
    #[arg(long, value_name = "REF")]
    pub(super) owner: Option<String>,
    #[arg(long, value_name = "FIELD")]
    pub(super) sort: Option<String>,
    #[arg(long, default_value_t = 500)]
    pub(super) limit: usize,
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub(super) columns: Vec<String>,
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Reference {
    #[arg(value_name = "REF")]
    pub(super) entity: String,
}

#[derive(Args, Debug)]
pub(super) struct Impact {
    #[arg(value_name = "REF")]
    pub(super) entity: String,
    #[arg(long, default_value_t = 5)]
    pub(super) depth: u32,
    #[arg(long, value_enum, default_value = "dependents")]
    pub(super) direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Direction {
    Dependents,
    Dependencies,
}

#[derive(Args, Debug)]
pub(super) struct PathBetween {
    #[arg(value_name = "FROM")]
    pub(super) from: String,
    #[arg(value_name = "TO")]
    pub(super) to: String,
}

#[derive(Args, Debug)]
pub(super) struct History {
    #[arg(value_name = "REF")]
    pub(super) entity: String,
    #[arg(long, value_name = "FROM..TO")]
    pub(super) diff: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Packages {
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    #[arg(long, value_name = "RANGE")]
    pub(super) version: Option<String>,
    #[arg(long, value_name = "TYPE")]
    pub(super) ecosystem: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Campaigns {
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Register {
    #[arg(value_name = "URL")]
    pub(super) target: String,
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct Refresh {
    #[arg(value_name = "REF", required = true)]
    pub(super) entities: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct Export {
    #[arg(value_name = "KIND")]
    pub(super) kinds: Vec<String>,
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    #[arg(long)]
    pub(super) raw: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    Backstage {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[arg(long)]
        apply: bool,
        #[arg(long, value_name = "NAME")]
        env: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Docs {
    Check {
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    Create {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, default_value = "read", value_name = "all|read|PERMISSION,…")]
        scope: String,
        #[arg(long, value_name = "DURATION")]
        expires_in: Option<String>,
        #[arg(long, value_name = "NAME", requires = "on_behalf_of")]
        agent: Option<String>,
        #[arg(long, value_name = "self", value_parser = ["self"], requires = "agent")]
        on_behalf_of: Option<String>,
    },
    List,
    Revoke {
        // Not `token`: that is the id of the global flag.
        #[arg(value_name = "NAME|ID")]
        which: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    Search(AuditSearch),
    Tail(AuditFilter),
    Verify(AuditVerify),
    Export(AuditExport),
}

#[derive(Args, Debug)]
pub(super) struct AuditFilter {
    #[arg(long, value_name = "REF")]
    pub(super) actor: Option<String>,
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) kind: Option<String>,
    #[arg(long, value_name = "SUBJECT")]
    pub(super) subject: Option<String>,
    #[arg(long, value_name = "allowed|refused|failed")]
    pub(super) outcome: Option<String>,
    #[arg(long, value_name = "IP")]
    pub(super) address: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<String>,
    #[arg(long)]
    pub(super) people: bool,
    #[arg(value_name = "TEXT")]
    pub(super) text: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct AuditSearch {
    #[command(flatten)]
    pub(super) filter: AuditFilter,
    #[arg(long, default_value_t = 50)]
    pub(super) limit: usize,
}

#[derive(Args, Debug)]
pub(super) struct AuditVerify {
    #[arg(long, value_name = "SEQ")]
    pub(super) from: Option<i64>,
    #[arg(long, value_name = "SEQ")]
    pub(super) to: Option<i64>,
    #[arg(long, value_name = "EXPORT", conflicts_with_all = ["from", "to"])]
    pub(super) file: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    #[arg(long = "key", value_name = "HEX", requires = "file")]
    pub(super) keys: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct AuditExport {
    #[command(flatten)]
    pub(super) filter: AuditFilter,
    #[arg(long, default_value = "jsonl", value_name = "csv|jsonl|cef|ocsf")]
    pub(super) format: String,
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct AuthDoctor {
    #[arg(long, value_name = "ID")]
    pub(super) provider: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id_token", "reference"])]
    pub(super) claims: Option<PathBuf>,
    // Not `token`: that is the id of the global flag.
    #[arg(long, value_name = "FILE", conflicts_with = "reference")]
    pub(super) id_token: Option<PathBuf>,
    #[arg(long, value_name = "REFERENCE")]
    pub(super) reference: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Login {
    #[arg(long, default_value = "all", value_name = "all|read|PERMISSION,…")]
    pub(super) scope: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    Create {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        #[arg(long)]
        admin: bool,
    },
    Reset {
        #[arg(value_name = "NAME")]
        name: String,
    },
    Disable {
        #[arg(value_name = "NAME")]
        name: String,
    },
    Enable {
        #[arg(value_name = "NAME")]
        name: String,
    },
    List,
}

#[derive(Debug, Subcommand)]
pub(super) enum Auth {
    CanI(CanI),
    Doctor(AuthDoctor),
    ExplainWorkload {
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(super) struct CanI {
    #[arg(value_name = "VERB|PERMISSION")]
    pub(super) permission: String,
    #[arg(value_name = "REF")]
    pub(super) entity: Option<String>,
    #[arg(long = "as", value_name = "USER")]
    pub(super) user: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Doctor {
    #[arg(long = "config", value_name = "FILE")]
    pub(super) configs: Vec<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Completion {
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct Help {
    #[arg(value_name = "TOPIC")]
    pub(super) topic: Vec<String>,
}
