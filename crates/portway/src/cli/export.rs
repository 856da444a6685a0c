//! `portway export`: entities as YAML that can be registered again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::args::{Export, Get};
use super::client::Client;
use super::entities;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Output, counted, to_yaml};

/// What the server adds to every entity.
const SERVER_FIELDS: [&str; 2] = ["relations", "status"];
const SERVER_METADATA: [&str; 3] = ["uid", "etag", "generation"];
/// Written by ingestion; another server writes its own.
const SERVER_ANNOTATIONS: [&str; 6] = [
    "backstage.io/managed-by-location",
    "backstage.io/managed-by-origin-location",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/source-location",
    "backstage.io/orphan",
];

/// Runs `portway export`.
pub(super) async fn export(client: &Client, output: &Output, args: &Export) -> Result<(), Failure> {
    let kinds = if args.kinds.is_empty() {
        vec!["all".to_owned()]
    } else {
        args.kinds.clone()
    };
    let mut written = 0;
    for kind in kinds {
        let mut items = entities::all(client, output, &everything(kind)).await?;
        if !args.raw {
            items.iter_mut().for_each(strip);
        }
        written += items.len();
        match &args.dir {
            Some(dir) => items
                .iter()
                .try_for_each(|entity| save(output, dir, entity))?,
            None => output.data(
                &items
                    .iter()
                    .map(|entity| format!("---\n{}", to_yaml(entity)))
                    .collect::<String>(),
            )?,
        }
    }
    output.note(&output.lang.pick((
        format!("{} exported", counted(written, "entity", "entities")),
        format!("엔티티 {written}개를 내보냈습니다"),
    )));
    Ok(())
}

fn everything(noun: String) -> Get {
    Get {
        noun,
        name: None,
        selector: Vec::new(),
        filter: Vec::new(),
        query: None,
        namespace: None,
        owner: None,
        sort: None,
        limit: 0,
        columns: Vec::new(),
        at: None,
    }
}

fn strip(entity: &mut Value) {
    let Some(fields) = entity.as_object_mut() else {
        return;
    };
    SERVER_FIELDS.iter().for_each(|field| {
        fields.shift_remove(*field);
    });
    let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    SERVER_METADATA.iter().for_each(|field| {
        metadata.shift_remove(*field);
    });
    if let Some(annotations) = metadata
        .get_mut("annotations")
        .and_then(Value::as_object_mut)
    {
        SERVER_ANNOTATIONS.iter().for_each(|name| {
            annotations.shift_remove(*name);
        });
        if annotations.is_empty() {
            metadata.shift_remove("annotations");
        }
    }
}

fn save(output: &Output, dir: &Path, entity: &Value) -> Result<(), Failure> {
    let name = entities::name(entity);
    let Some(file) = file_of(dir, &name) else {
        return Err(Failure::new(
            Exit::Failed,
            output.lang.pick((
                format!("`{name}` cannot be the name of a file"),
                format!("`{name}`은(는) 파일 이름이 될 수 없습니다"),
            )),
        ));
    };
    let folder = file.parent().unwrap_or(dir);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, to_yaml(entity)))
        .map_err(|cause| {
            let shown = file.display();
            Failure::new(
                Exit::Failed,
                output.lang.pick((
                    format!("{shown} cannot be written"),
                    format!("{shown}에 쓸 수 없습니다"),
                )),
            )
            .cause(cause.to_string())
            .fix(output.lang.pick((
                "give another folder with --dir",
                "--dir로 다른 디렉터리를 지정하세요",
            )))
        })
}

/// `component/default/pay-api.yaml`. The server's answer is not trusted to
/// stay inside the folder.
fn file_of(dir: &Path, name: &str) -> Option<PathBuf> {
    let (kind, rest) = name.split_once(':')?;
    let (namespace, name) = rest.split_once('/')?;
    let safe = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
    };
    [kind, namespace, name]
        .into_iter()
        .all(safe)
        .then(|| dir.join(kind).join(namespace).join(format!("{name}.yaml")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_added_is_taken_away() {
        let mut entity = json!({
            "kind": "Component",
            "metadata": {"name": "a", "uid": "1", "etag": "2", "annotations": {"backstage.io/managed-by-location": "url:x"}},
            "spec": {"type": "service"}, "relations": [], "status": {},
        });
        strip(&mut entity);
        assert_eq!(
            entity,
            json!({"kind": "Component", "metadata": {"name": "a"}, "spec": {"type": "service"}})
        );
    }

    #[test]
    fn files_stay_in_the_folder() {
        let file = |name: &str| file_of(Path::new("out"), name);
        assert_eq!(
            file("component:default/a.b"),
            Some(PathBuf::from("out/component/default/a.b.yaml"))
        );
        for odd in [
            "component:../x",
            "component:default/../../x",
            "a:b/.ssh",
            "x",
            "a:b/c\\d",
        ] {
            assert_eq!(file(odd), None, "{odd}");
        }
    }
}
