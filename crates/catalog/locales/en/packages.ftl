### Texts about packages, tiers and compliance.

## Rail and headings
catalog-nav-packages = Packages
catalog-packages = Packages
catalog-packages-lead = Find every entity that holds a package, and who to call. Say versions as a range, such as <2.17.1.
catalog-packages-all = All packages

## Search
catalog-packages-name = Name, such as log4j-core
catalog-packages-version = Versions, such as <2.17.1
catalog-packages-ecosystem = Ecosystem
catalog-packages-coverage = { $packages } packages of { $entities } entities are searched. { $without } of { $components } components have no SBOM, so nothing is known of them.
catalog-packages-refused = This cannot be searched for
catalog-packages-accepted = Accepted: { $accepted }
catalog-packages-found =
    { $owners ->
        [one] { $owners } team
       *[other] { $owners } teams
    } with { $entities ->
        [one] { $entities } affected entity
       *[other] { $entities } affected entities
    } and { $packages ->
        [one] { $packages } package
       *[other] { $packages } packages
    }
catalog-packages-none = No entity with an SBOM holds it
catalog-packages-none-next = Entities without an SBOM may still hold it. Try a shorter name, or leave the versions out.
catalog-packages-cut = Not everything is shown
catalog-packages-cut-next = The exports list more. Narrow the name or the versions to see all on this page.
catalog-packages-nobody = Nobody
catalog-packages-package = Package
catalog-packages-version-of = Version
catalog-packages-relation = How it came in
catalog-packages-licence = Licence
catalog-packages-sbom = SBOM
catalog-packages-sboms = SBOMs
catalog-packages-direct = Direct
catalog-packages-transitive = Transitive
catalog-packages-transitive-via = Transitive, through { $via }
catalog-packages-relation-unknown = The SBOM does not say
catalog-packages-not-compared = Versions that could not be compared
catalog-packages-not-compared-note = The name matches, but nobody can say from the version alone whether it is in the range. Look at these yourself.
catalog-packages-no-version = The SBOM gives no version
catalog-packages-distribution = Distributions order their versions by rules of their own; only equality is decided
catalog-packages-no-order = The version has no order: a hash, a branch or a word
catalog-packages-count =
    { $count ->
        [one] { $count } package
       *[other] { $count } packages
    }
catalog-packages-rest = All packages as data

## Nothing there
catalog-packages-empty = No entity names an SBOM yet
catalog-packages-empty-next = Let your build write an SBOM (CycloneDX or SPDX, as JSON) next to the catalog file, and name it in an annotation:
catalog-packages-unread = The SBOM has not been read yet
catalog-packages-unread-next = If it stays so, the overview says what is wrong with it.

## Tiers and compliance
catalog-tier = Tier
catalog-slo = SLO
catalog-compliance = Compliance
catalog-tier-badge = Tier { $tier }
catalog-slo-badge = SLO { $slo } %
catalog-from-tag = { $value }, from the tag { $name }
catalog-from-label = { $value }, from the label { $name }
catalog-from-annotation = { $value }, from the annotation { $name }
catalog-slo-value = { $slo } %, error budget { $budget } in 30 days
catalog-budget-days = { $count } d
catalog-budget-hours = { $count } h
catalog-budget-minutes = { $count } min
catalog-budget-seconds = { $count } s
