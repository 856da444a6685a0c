//! Serves until the process is told to stop, then finishes what is open.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use service::settings::Settings;
use service::{http, resources, telemetry};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Less than `terminationGracePeriodSeconds` of the deployment.
const GRACE: Duration = Duration::from_secs(25);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    let telemetry = telemetry::start(&settings)?;
    let resources = resources::connect(&settings).await?;
    let app = http::router(resources, telemetry.metrics.clone());
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, settings.port))
        .await
        .with_context(|| format!("PORT: cannot listen on {}", settings.port))?;
    tracing::info!(port = settings.port, "listening");

    let (told, stop) = tokio::sync::watch::channel(false);
    let mut stopping = stop.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        let _ = told.send(true);
    });
    let mut deadline = stop;
    tokio::select! {
        ended = server => ended?,
        () = async move {
            let _ = deadline.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("requests are still open"),
    }
    telemetry.stop();
    Ok(())
}

async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
