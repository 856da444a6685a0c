//! A catalog that ends and starts again with other settings.

use catalog::Settings;
use platform::Clock;
use platform::store::Db;

use super::files::OverFiles;

impl OverFiles {
    /// The same files and database after a restart.
    pub(crate) async fn restart(&mut self, db: &Db, clock: &Clock, settings: Settings) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let elsewhere = tempfile::tempdir().expect("a directory");
        let files = std::mem::replace(&mut self.files, elsewhere);
        *self = Self::over(files, db, clock, settings).await;
    }
}
