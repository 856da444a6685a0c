//! References: `kind:namespace/name` and `type:target`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{EntityRef, LocationRef};

fuzz_target!(|text: &str| {
    for default_kind in [None, Some("component")] {
        if let Ok(found) = EntityRef::parse(text, default_kind, None) {
            let again = EntityRef::parse(found.as_str(), None, None).expect("a reference that we wrote");
            assert_eq!(found, again);
        }
    }
    if let Ok(found) = LocationRef::parse(text) {
        let again = LocationRef::parse(&found.to_string()).expect("a location that we wrote");
        assert_eq!(found, again);
    }
});
