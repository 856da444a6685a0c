//! Both formats of SBOM, and what is no SBOM.

use catalog::packages::{Bom, Package, Relation, read};
use proptest::prelude::*;
use serde_json::json;

fn bom(text: &str) -> Bom {
    read("sbom.json", text.as_bytes()).expect("an SBOM")
}

#[track_caller]
fn package<'b>(bom: &'b Bom, name: &str) -> &'b Package {
    let mut found = bom.packages.iter();
    found
        .find(|package| package.name == name)
        .unwrap_or_else(|| panic!("{name} is not in {:?}", bom.packages))
}

/// Three packages: one direct, one that it brings, one that nothing brings.
fn cyclonedx(version: &str) -> String {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "metadata": { "component": { "type": "application", "bom-ref": "app", "name": "orders" } },
        "components": [
            {
                "type": "framework", "bom-ref": "starter", "group": "org.springframework.boot",
                "name": "spring-boot-starter-log4j2", "version": "2.6.0",
                "purl": "pkg:maven/org.springframework.boot/spring-boot-starter-log4j2@2.6.0?type=jar",
                "licenses": [{ "license": { "id": "Apache-2.0" } }],
                "components": [
                    { "type": "library", "bom-ref": "inner", "name": "shaded", "version": "1" },
                ],
            },
            {
                "type": "library", "bom-ref": "log4j", "name": "log4j-core", "version": "2.14.1",
                "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
                "licenses": [{ "expression": "Apache-2.0 OR MIT" }],
            },
            { "type": "file", "name": "/etc/passwd" },
        ],
        "dependencies": [
            { "ref": "app", "dependsOn": ["starter"] },
            { "ref": "starter", "dependsOn": ["log4j"] },
            { "ref": "log4j" },
        ],
    })
    .to_string()
}

fn spdx(version: &str) -> serde_json::Value {
    let purl = |text: &str| json!([{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": text }]);
    json!({
        "spdxVersion": version,
        "SPDXID": "SPDXRef-DOCUMENT",
        "packages": [
            { "SPDXID": "SPDXRef-app", "name": "billing", "versionInfo": "1" },
            { "SPDXID": "SPDXRef-a", "name": "requests", "versionInfo": "2.31.0", "licenseConcluded": "NOASSERTION",
              "licenseDeclared": "Apache-2.0", "externalRefs": purl("pkg:pypi/requests@2.31.0") },
            { "SPDXID": "SPDXRef-b", "name": "urllib3", "externalRefs": purl("pkg:pypi/urllib3@1.26.0") },
            { "SPDXID": "SPDXRef-c", "name": "typing_extensions", "versionInfo": "4.0" },
        ],
        "relationships": [
            { "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app" },
            { "spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-a" },
            { "spdxElementId": "SPDXRef-b", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a" },
            { "spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-c" },
        ],
    })
}

#[test]
fn cyclonedx_says_what_came_in_how() {
    for version in ["1.4", "1.5", "1.6"] {
        let bom = bom(&cyclonedx(version));
        assert_eq!(bom.format, format!("CycloneDX {version}"));
        assert!(bom.remarks.is_empty());
        assert_eq!(bom.packages.len(), 3, "{:?}", bom.packages);
        let log4j = package(&bom, "org.apache.logging.log4j:log4j-core");
        assert_eq!(
            (&*log4j.ecosystem, &*log4j.version, log4j.relation),
            ("maven", "2.14.1", Relation::Transitive)
        );
        assert_eq!(log4j.via.as_deref(), Some("spring-boot-starter-log4j2"));
        assert_eq!(log4j.licence.as_deref(), Some("Apache-2.0 OR MIT"));
        let starter = package(&bom, "org.springframework.boot:spring-boot-starter-log4j2");
        assert_eq!(starter.relation, Relation::Direct);
        assert_eq!(starter.licence.as_deref(), Some("Apache-2.0"));
        assert_eq!(package(&bom, "shaded").relation, Relation::Unknown);
    }
}

#[test]
fn spdx_says_the_same_also_as_github_wraps_it() {
    for version in ["SPDX-2.2", "SPDX-2.3"] {
        let document = spdx(version);
        for text in [
            document.to_string(),
            json!({ "sbom": document }).to_string(),
            format!("\u{feff}{document}"),
        ] {
            let bom = bom(&text);
            assert_eq!(bom.format, version.replace('-', " "));
            assert_eq!(bom.packages.len(), 3, "the described package is the entity");
            let requests = package(&bom, "requests");
            assert_eq!(requests.relation, Relation::Direct);
            assert_eq!(requests.licence.as_deref(), Some("Apache-2.0"));
            let urllib3 = package(&bom, "urllib3");
            assert_eq!(
                (&*urllib3.version, urllib3.relation, urllib3.via.as_deref()),
                ("1.26.0", Relation::Transitive, Some("requests"))
            );
            assert_eq!(
                package(&bom, "typing_extensions").relation,
                Relation::Unknown
            );
        }
    }
}

#[test]
fn what_is_wrong_has_a_place() {
    let refused = |text: &str| *read("sbom.json", text.as_bytes()).expect_err("no SBOM");
    let broken = refused("{\n  \"bomFormat\": \"CycloneDX\",\n  \"components\": [,]\n}");
    assert_eq!(
        (broken.code, broken.line, broken.column),
        ("invalid-sbom", 3, 18)
    );
    assert_eq!(broken.file.as_deref(), Some("sbom.json"));
    assert!(broken.fix.is_some() && broken.accepted.is_some());
    let shape = refused(
        "{\n\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\",\n\"components\": [{\"version\": \"1\"}]\n}",
    );
    assert_eq!((shape.code, shape.line), ("invalid-sbom", 3));
    assert!(shape.message.contains("name"), "{shape}");
    assert_eq!(refused("{\"a\": 1}").code, "sbom-format");
    assert_eq!(refused("[]").code, "invalid-sbom");
    let xml = refused("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>");
    assert!(xml.fix.is_some_and(|fix| fix.contains("XML")));
    let deep = format!("{{\"bomFormat\": {}", "[".repeat(100_000));
    assert_eq!(refused(&deep).code, "invalid-sbom");
}

#[test]
fn oddities_are_remarks() {
    let newer = bom(&cyclonedx("9.9"));
    assert_eq!(newer.packages.len(), 3);
    assert_eq!(newer.remarks[0].code, "sbom-version");
    let long = json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        { "name": "x".repeat(2_000) }, { "name": "kept" }, { "name": "kept" },
    ]});
    let long = bom(&long.to_string());
    assert_eq!(long.packages.len(), 1, "twice the same is one");
    assert_eq!(long.remarks[0].code, "sbom-package-skipped");
    let many: Vec<_> = (0..50_001)
        .map(|at| json!({ "name": format!("p{at}") }))
        .collect();
    let many = json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": many });
    let refused = read("sbom.json", many.to_string().as_bytes()).expect_err("too many");
    assert_eq!(refused.code, "sbom-too-large");
}

proptest! {
    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read("x", &bytes);
    }

    #[test]
    fn no_damage_is_too_odd(at in 0_usize..2_000, with in any::<u8>()) {
        let mut bytes = cyclonedx("1.5").into_bytes();
        let at = at % bytes.len();
        bytes[at] = with;
        if let Err(problem) = read("x", &bytes) {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
        }
    }
}
