//! The people and entities of the catalog, for dry runs.

use std::sync::Arc;

use access::World;
use catalog::Catalog;
use catalog::index::ListRequest;
use identity::Identity;
use model::entity_ref::EntityRef;
use model::query::Predicate;

/// People that a dry run looks at.
const MOST_PEOPLE: usize = 20_000;

#[derive(Debug)]
pub(super) struct CatalogWorld {
    catalog: Catalog,
    identity: Arc<Identity>,
}

impl CatalogWorld {
    pub(super) fn new(catalog: &Catalog, identity: &Arc<Identity>) -> Self {
        Self {
            catalog: catalog.clone(),
            identity: Arc::clone(identity),
        }
    }
}

impl World for CatalogWorld {
    fn people(&self) -> Vec<Vec<EntityRef>> {
        let people: Vec<EntityRef> = {
            let index = self.catalog.model().index();
            let users = index.list(&ListRequest {
                query: Some(Predicate::equals("kind", "user")),
                limit: Some(MOST_PEOPLE),
                ..ListRequest::default()
            });
            let refs = users.items.iter();
            refs.map(|user| user.entity_ref().clone()).collect()
        };
        let with_groups = people.iter().map(|user| self.identity.ownership(user));
        with_groups.collect()
    }

    fn on_call(&self, refs: &[EntityRef]) -> Vec<EntityRef> {
        catalog::on_call_for(&self.catalog.model().index(), refs)
    }

    fn count(&self, predicate: &Predicate) -> usize {
        let index = self.catalog.model().index();
        let request = ListRequest {
            query: Some(predicate.clone()),
            limit: Some(0),
            ..ListRequest::default()
        };
        index.list(&request).total
    }
}
