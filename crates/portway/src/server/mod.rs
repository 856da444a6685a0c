//! `portway up`: puts the parts together and serves until told to stop.

mod account;
mod actions;
mod announcements;
mod demo;
mod directory;
mod docs_search;
mod doors;
mod explorer;
mod forms;
mod health;
mod keys;
pub(crate) mod oddities;
mod openapi;
mod page_errors;
mod pages;
mod permissions;
mod privacy;
mod router;
mod runs;
mod serve;
pub(crate) mod settings;
mod shield;
mod sign_in;
mod signals;
mod user_pages;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use apis::Apis;
use audit::Audit;
use catalog::{Catalog, Origin, PortalParts};
use create::Create;
use docs::Docs;
use githost::GitHost;
use identity::{Entropy, Identity, SealKey, SettingsProblem};
use insights::Campaigns;
use platform::Clock;
use platform::capability::{Capability, Surface};
use platform::config::Config;
use platform::controller::{Controller, Runner, RunnerOptions};
use platform::http::{Gate, RouteInfo};
use platform::journal::Journal;
use platform::store::{Db, MigrationSet};
use platform::telemetry::Metrics;
use search::Search;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tools::Tools;

use shield::Shield;

use crate::cli::{Exit, Failure, LocalAccess};

/// What the command line says about the server.
#[derive(Clone, Debug, Default)]
pub struct UpOptions {
    /// Files and folders with entities.
    pub paths: Vec<PathBuf>,
    /// Load the demo organisation and admit guests from this machine.
    pub demo: bool,
    /// Where state is kept.
    pub data: PathBuf,
    /// Overrides `backend.listen`.
    pub listen: Option<String>,
    /// Configuration files, the last one wins.
    pub configs: Vec<PathBuf>,
    /// Overrides `backend.database`.
    pub database: Option<String>,
    /// Overrides the environment's name.
    pub environment: Option<String>,
    /// The process environment, read once.
    pub variables: BTreeMap<String, String>,
}

/// The migrations of every crate that has tables, in order.
const MIGRATIONS: [MigrationSet; 8] = [
    identity::MIGRATIONS,
    identity::SIGN_IN_MIGRATIONS,
    access::MIGRATIONS,
    catalog::MIGRATIONS,
    insights::MIGRATIONS,
    audit::MIGRATIONS,
    githost::MIGRATIONS,
    create::MIGRATIONS,
];

/// A server that is ready to be served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: axum::Router,
    routes: Vec<RouteInfo>,
    surfaces: Vec<Surface>,
    catalog: Catalog,
    search: Search,
    docs: Docs,
    audit: Audit,
    runner: Runner,
    identity: Arc<Identity>,
    policy: Arc<access::Access>,
    db: Db,
    data: PathBuf,
    url: String,
    announce_link: bool,
    keeper: serve::Doorkeeper,
}

/// Runs the server until the process is told to end.
///
/// # Errors
/// A configuration that cannot be used, a port in use, a database that cannot
/// be opened: each says what to do.
pub async fn up(options: UpOptions) -> Result<()> {
    let server = Server::start(&options, Clock::system()).await?;
    server.serve(signals::stop()).await
}

impl Server {
    /// Opens everything and binds the port, so that whatever is wrong is said
    /// before anything runs.
    ///
    /// # Errors
    /// As [`up`].
    pub async fn start(options: &UpOptions, clock: Clock) -> Result<Self> {
        make_private(&options.data).map_err(|error| {
            let directory = options.data.display();
            Failure::new(
                Exit::Failed,
                format!("the data directory {directory} cannot be made"),
            )
            .cause(error.to_string())
            .fix("give this user write access, or choose another directory with --data DIR")
        })?;
        let demo = options
            .demo
            .then(|| demo::unpack(&options.data))
            .transpose()?;
        let config = settings::load(options, demo.as_deref())?;
        let listener = settings::bind(options, &config).await?;
        let listen = listener.local_addr()?;
        let db = Db::open(
            &settings::database(options, &config)?,
            &MIGRATIONS,
            clock.clone(),
        )
        .await?;
        privacy::warn(&options.data);
        let seal = seal_key(options, &config)?;
        let (signer, sealer) = (audit::Signer::of(&seal), seal.clone());
        let (identity, problems) = open_identity(options, &config, (listen, seal), &db).await?;
        let catalog =
            Catalog::open(&db, &clock, settings::catalog(&config, options, &clock)?).await?;
        let model = Arc::clone(catalog.model());
        identity.set_ownership(move |user| model.index().groups_of(user));
        identity.set_key_fetch(keys::fetch(&identity)?);
        identity.begin_upkeep().await?;
        let policy = open_policy(&config, &db, &identity, &catalog).await?;
        sign_in::prepare(&identity, &catalog, &config)?;
        declare(&catalog, &config, options).await?;

        let metrics = Metrics::new(&clock);
        let journal = Journal::open(&db).await?;
        let slices = open_slices(
            (&config, options),
            (&db, &clock),
            (&catalog, &identity),
            (&policy, &journal),
            (signer, sealer),
        )
        .await?;
        slices.audit.measured_by(&metrics);
        let capabilities = capabilities(&catalog, &identity, &journal, &slices, problems);
        let controllers = controllers(&capabilities, &config, &journal).await?;
        let owner = format!("{}-{}", std::process::id(), listen.port());
        let mut running = RunnerOptions::new(owner);
        // Tasks may take long, and must not keep everything else from running.
        running.concurrency += slices.create.concurrency();
        let runner = Runner::new(&db, controllers, running);
        let mut portal_parts = portal_parts(&slices, &clock);
        portal_parts.push(
            announcements::portal_parts(&config).map_err(|problem| anyhow::anyhow!("{problem}"))?,
        );
        let shield = Shield::from_config(&config)?;
        let (router, routes, surfaces) = router::build(
            capabilities,
            portal_parts,
            &router::Parts {
                catalog: &catalog,
                identity: &identity,
                metrics: &metrics,
                db: &db,
                clock: &clock,
                journal: &journal,
                shield: &shield,
                audit: &slices.audit,
            },
            organisation(&config),
        )?;
        let guests = admits_guests(options, &config, listen);
        Ok(Self {
            url: shown_url(listen),
            announce_link: !guests,
            keeper: shield.doorkeeper(),
            listener,
            router,
            routes,
            surfaces,
            catalog,
            search: slices.search,
            docs: slices.docs,
            audit: slices.audit,
            runner,
            identity,
            policy,
            db,
            data: options.data.clone(),
        })
    }

    /// Every route with who may use it and what it takes, for tests that walk
    /// all of them.
    pub fn routes(&self) -> &[RouteInfo] {
        &self.routes
    }

    /// Whatever else people and programs meet, with who may, for the same tests.
    pub fn surfaces(&self) -> &[Surface] {
        &self.surfaces
    }

    /// Where the server can be reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `stop`, then lets running work end.
    ///
    /// # Errors
    /// When the listener fails or the data directory cannot be written.
    pub async fn serve(self, stop: CancellationToken) -> Result<()> {
        let token = self
            .identity
            .issue_local_token(&self.data.to_string_lossy())
            .await?;
        let access = LocalAccess {
            url: self.url.clone(),
            token: token.expose().clone(),
            pid: std::process::id(),
        };
        access
            .write(&self.data)
            .with_context(|| format!("{} cannot be written", self.data.display()))?;
        self.announce().await?;
        let background = tokio::spawn({
            let (catalog, stop) = (self.catalog.clone(), stop.clone());
            async move { catalog.keep_fresh(stop).await }
        });
        let searchable = tokio::spawn({
            let (search, stop) = (self.search.clone(), stop.clone());
            async move { search.keep_fresh(stop).await }
        });
        let documented = tokio::spawn({
            let (docs, stop) = (self.docs.clone(), stop.clone());
            async move { docs.keep_fresh(stop).await }
        });
        let recorded = tokio::spawn({
            let (audit, stop) = (self.audit.clone(), stop.clone());
            async move { audit.keep(stop).await }
        });
        let policy = tokio::spawn(Arc::clone(&self.policy).keep_fresh(stop.clone()));
        let work = tokio::spawn({
            let stop = stop.clone();
            async move { self.runner.run(stop).await }
        });
        let serving = serve::serve(self.listener, self.router, self.keeper, stop.clone());
        tokio::select! {
            () = serving => {}
            // Streams never end by themselves.
            () = async { stop.cancelled().await; tokio::time::sleep(Duration::from_secs(3)).await } => {}
        }
        stop.cancel();
        let _ = tokio::join!(background, searchable, documented, recorded, policy, work);
        LocalAccess::remove(&self.data, std::process::id());
        self.db.close().await;
        Ok(())
    }

    /// Says where the server is. Whoever reads this may have gone away, which
    /// is no reason to stop serving.
    async fn announce(&self) -> Result<()> {
        let mut lines = format!("Portway is at {}\n", self.url);
        if self.announce_link {
            let link = self.identity.issue_sign_in_link().await?;
            lines.push_str(&format!("Sign in once with {}\n", link.expose()));
        }
        let mut output = std::io::stdout().lock();
        let _ = output
            .write_all(lines.as_bytes())
            .and_then(|()| output.flush());
        Ok(())
    }
}

/// The capabilities after the catalog, opened.
struct Slices {
    create: Create,
    campaigns: Campaigns,
    search: Search,
    tools: Arc<Tools>,
    apis: Apis,
    docs: Docs,
    audit: Audit,
    githost: GitHost,
    permissions: permissions::Desk,
}

/// Opens the capabilities after the catalog.
async fn open_slices(
    (config, options): (&Config, &UpOptions),
    (db, clock): (&Db, &Clock),
    (catalog, identity): (&Catalog, &Arc<Identity>),
    (policy, journal): (&Arc<access::Access>, &Journal),
    (signer, seal): (audit::Signer, SealKey),
) -> Result<Slices> {
    let create = Create::new(
        db,
        catalog,
        (seal, Entropy::system()),
        settings::create(config, &options.data)?,
        Vec::new(),
    );
    let search = Search::new(catalog, db);
    let trail = settings::audit(config, &options.data)?;
    Ok(Slices {
        create,
        campaigns: Campaigns::open(db, catalog, clock).await?,
        docs: Docs::new(catalog, clock, docs_search::publish(&search)),
        search,
        tools: Tools::new(settings::tools(config)?, clock.clone())?,
        apis: Apis::new(catalog),
        audit: Audit::open(db, catalog, trail, signer).await?,
        githost: GitHost::open(
            db,
            settings::githost(config, &options.data, identity.base_url())?,
        ),
        permissions: permissions::Desk::new(policy, (catalog, identity), (journal, clock)),
    })
}

/// What is kept true: by the capabilities, and by the server itself.
async fn controllers(
    capabilities: &[Capability],
    config: &Config,
    journal: &Journal,
) -> Result<Vec<Arc<dyn Controller>>> {
    let retention = settings::retention(config)
        .map_err(|problem| anyhow::anyhow!("{problem}"))?
        .controller(journal)
        .await?;
    let own = capabilities
        .iter()
        .flat_map(|capability| capability.controllers.clone());
    Ok(own.chain([retention]).collect())
}

/// The name of the organisation; empty where none is configured.
fn organisation(config: &Config) -> String {
    let name = config.opt_str("organization.name").ok().flatten();
    name.unwrap_or_default().to_owned()
}

/// Whether guests are admitted: on this machine only, whoever wishes for more
/// is told.
fn admits_guests(options: &UpOptions, config: &Config, listen: SocketAddr) -> bool {
    let wanted = options.demo || config.has("auth.providers.guest");
    if wanted && !listen.ip().is_loopback() {
        tracing::warn!(
            "Guests are not admitted while Portway listens on {}; sign in with the link below, or listen on 127.0.0.1",
            listen.ip()
        );
    }
    wanted && listen.ip().is_loopback()
}

/// The crates that fill in the socket. Adding a capability is one line here.
fn capabilities(
    catalog: &Catalog,
    identity: &Arc<Identity>,
    journal: &Journal,
    slices: &Slices,
    problems: Vec<SettingsProblem>,
) -> Vec<Capability> {
    let Slices {
        campaigns,
        search,
        apis,
        docs,
        audit,
        githost,
        create,
        ..
    } = slices;
    let capabilities = vec![
        Capability {
            name: "identity",
            routes: identity::routes(identity),
            navigation: Vec::new(),
            actions: identity::actions(identity),
            controllers: identity::controllers(identity),
            permissions: identity::PERMISSIONS,
            checks: identity::checks(identity, problems),
        },
        catalog::capability(catalog, Arc::<Identity>::clone(identity)),
        runs::capability(journal, Arc::<Identity>::clone(identity)),
        apis::capability(apis, Arc::<Identity>::clone(identity)),
        docs::capability(docs, Arc::<Identity>::clone(identity)),
        insights::capability(campaigns, Arc::<Identity>::clone(identity)),
        search::capability(search, Arc::<Identity>::clone(identity)),
        audit::capability(audit, Arc::<Identity>::clone(identity)),
        githost::capability(
            githost,
            &(Arc::<Identity>::clone(identity) as Arc<dyn Gate>),
        ),
        create::capability(create, Arc::<Identity>::clone(identity)),
        permissions::capability(&slices.permissions, Arc::<Identity>::clone(identity)),
    ];
    let permissions: Vec<_> = capabilities
        .iter()
        .flat_map(|capability| capability.permissions)
        .copied()
        .collect();
    let rights = Arc::clone(identity);
    create.set_rights(move |person| rights.rights_of(person), permissions.clone());
    identity.set_permissions(permissions);
    capabilities
}

/// What the capabilities after the catalog bring to the portal.
fn portal_parts(slices: &Slices, clock: &Clock) -> Vec<PortalParts> {
    let Slices {
        campaigns,
        search,
        tools,
        apis,
        docs,
        audit,
        permissions,
        githost: _,
        create: _,
    } = slices;
    vec![
        audit::portal_parts(audit),
        permissions::portal_parts(permissions),
        apis::portal_parts(apis),
        docs::portal_parts(docs),
        tools::portal_parts(tools),
        insights::portal_parts(campaigns),
        search::portal_parts(search, clock),
    ]
}

/// The key that is not in the database.
fn seal_key(options: &UpOptions, config: &Config) -> Result<SealKey> {
    Ok(match config.opt_str("auth.session.secret").ok().flatten() {
        Some(secret) => SealKey::from_secret(&identity::Secret::new(secret.to_owned())),
        None => SealKey::in_file(&options.data.join("seal.key"), &Entropy::system())?,
    })
}

async fn open_identity(
    options: &UpOptions,
    config: &Config,
    (listen, seal): (SocketAddr, SealKey),
    db: &Db,
) -> Result<(Arc<Identity>, Vec<SettingsProblem>)> {
    let (settings, problems) = identity::Settings::read(&config.root().to_json());
    // What is left out has been said by `settings::load`, with its place.
    let entropy = Entropy::system();
    let options = identity::Options {
        settings,
        listen,
        demo: options.demo,
        entropy,
        seal,
    };
    Ok((Identity::open(db.clone(), options).await?, problems))
}

/// Takes up what decides about access, and tells identity.
async fn open_policy(
    config: &Config,
    db: &Db,
    identity: &Arc<Identity>,
    catalog: &Catalog,
) -> Result<Arc<access::Access>> {
    let settings =
        access::Settings::from_config(config).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let policy = access::Access::open(db, settings).await?;
    identity.set_access(Arc::clone(&policy));
    let model = Arc::clone(catalog.model());
    policy.set_on_call(move |refs| catalog::on_call_for(&model.index(), refs));
    let model = Arc::clone(catalog.model());
    identity.set_entities(move |entity, predicate| model.index().matches(entity, predicate));
    Ok(policy)
}

/// Makes the sources exactly what configuration and command line say.
async fn declare(catalog: &Catalog, config: &Config, options: &UpOptions) -> Result<()> {
    let mut wanted = settings::declared(config)?;
    wanted.extend(sign_in::declared(config));
    for path in &options.paths {
        let Ok(absolute) = std::fs::canonicalize(path) else {
            bail!(
                "{} does not exist; give `portway up` a file or a folder with entities",
                path.display()
            );
        };
        wanted.push((
            Origin::Path,
            settings::location("file", &absolute.to_string_lossy())?,
        ));
    }
    catalog.declare(&wanted).await?;
    Ok(())
}

/// Makes a directory that only its owner can look into; one that is there
/// keeps the rights that somebody gave it.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// An address that a browser on this machine can open.
fn shown_url(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        return format!("http://localhost:{}", listen.port());
    }
    format!("http://{listen}")
}
