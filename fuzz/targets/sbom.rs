//! SBOMs: CycloneDX and SPDX, as JSON.
#![no_main]

use catalog::packages::{Package, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u32 + 1;
    match read("bom.json", bytes) {
        Err(problem) => assert!(problem.line <= lines, "{problem}"),
        Ok(bom) => {
            assert!(bom.packages.len() <= 50_000);
            let mut keys: Vec<(&str, &str, &str, Option<&str>)> =
                bom.packages.iter().map(key).collect();
            let count = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), count, "each package once");
            assert!(bom.packages.iter().all(|package| !package.name.is_empty()));
        }
    }
});

fn key(package: &Package) -> (&str, &str, &str, Option<&str>) {
    (
        &package.ecosystem,
        &package.name,
        &package.version,
        package.purl.as_deref(),
    )
}
