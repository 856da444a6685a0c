//! Protocol buffers: services, messages and enums of one file. Imports are not
//! followed; their types keep their full names.

mod recover;

use std::collections::{HashMap, HashSet};

use model::diagnostic::Diagnostic;
use model::yaml::Mark;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    MethodDescriptorProto, ServiceDescriptorProto, UninterpretedOption,
};

use crate::doc::{ApiDoc, Field, Format, Operation, Payload, Shape, TypeDef};

/// Reads a file. Blocks that cannot be read are left out and reported.
pub(super) fn read(text: &str) -> Result<ApiDoc, Vec<Diagnostic>> {
    let (file, problems) = recover::parse(text);
    let Some(file) = file else {
        return Err(problems);
    };
    let mut doc = ApiDoc::new(Format::Proto);
    doc.title = file.package.clone().filter(|name| !name.is_empty());
    doc.problems = problems;
    let reader = Reader::of(&file);
    doc.description = reader.comment(&[2]).or_else(|| reader.comment(&[12]));
    for (at, service) in (0..).zip(&file.service) {
        reader.service(at, service, &mut doc.operations);
    }
    let scope = reader.package.clone();
    for (at, message) in (0..).zip(&file.message_type) {
        reader.message(&[4, at], &scope, message, &mut doc.types);
    }
    for (at, enumeration) in (0..).zip(&file.enum_type) {
        doc.types
            .push(reader.enumeration(&[5, at], &scope, enumeration));
    }
    if doc.operations.is_empty() && doc.types.is_empty() {
        if doc.problems.is_empty() {
            doc.problems.push(
                Diagnostic::error("api-empty", "the file defines no service and no message")
                    .at(Mark::new(1, 1))
                    .accepting("at least `service Orders { rpc … }`"),
            );
        }
        return Err(doc.problems);
    }
    doc.types.sort_by_key(|def| def.line);
    Ok(doc)
}

/// What stands where: the path of numbers that `descriptor.proto` defines for
/// `SourceCodeInfo.Location`, with the line and the comment.
struct Reader<'a> {
    package: String,
    places: HashMap<&'a [i32], (u32, String)>,
    /// Full names of everything that this file defines.
    known: HashSet<String>,
}

impl<'a> Reader<'a> {
    fn of(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let places = locations
            .map(|location| {
                let line = location.span.first().copied().unwrap_or_default();
                let comment = [&location.leading_comments, &location.trailing_comments];
                let comment = comment.into_iter().flatten().next();
                let comment = comment.map_or(String::new(), |text| plain(text));
                let line = u32::try_from(line).map_or(0, |line| line + 1);
                (location.path.as_slice(), (line, comment))
            })
            .collect();
        let package = file.package.clone().unwrap_or_default();
        let mut known = HashSet::new();
        for message in &file.message_type {
            names(&package, message, &mut known);
        }
        known.extend(
            file.enum_type
                .iter()
                .map(|found| join(&package, found.name())),
        );
        Self {
            package,
            places,
            known,
        }
    }

    fn comment(&self, path: &[i32]) -> Option<String> {
        let (_, comment) = self.places.get(path)?;
        (!comment.is_empty()).then(|| comment.clone())
    }

    fn line(&self, path: &[i32]) -> u32 {
        self.places.get(path).map_or(0, |(line, _)| *line)
    }

    fn service(&self, at: i32, service: &ServiceDescriptorProto, found: &mut Vec<Operation>) {
        let name = join(&self.package, service.name());
        let options = service.options.as_ref();
        let whole = options.is_some_and(|options| {
            options.deprecated() || says_deprecated(&options.uninterpreted_option)
        });
        for (number, method) in (0..).zip(&service.method) {
            let mut operation = self.method(&[6, at, 2, number], &name, method);
            operation.deprecated |= whole;
            found.push(operation);
        }
    }

    fn method(&self, path: &[i32], service: &str, method: &MethodDescriptorProto) -> Operation {
        let options = method.options.as_ref();
        let target = format!("{service}/{}", method.name());
        let comment = self.comment(path);
        let (summary, description) = match &comment {
            Some(comment) => match comment.split_once('\n') {
                Some((first, _)) => (Some(first.to_owned()), Some(comment.clone())),
                None => (Some(comment.clone()), None),
            },
            None => (None, None),
        };
        let payload = |of: &str, streams: bool| Payload {
            media: if streams { "stream" } else { "" }.to_owned(),
            required: true,
            shape: Some(self.named(&self.package, of)),
            ..Payload::default()
        };
        Operation {
            key: format!("rpc {target}"),
            verb: "rpc".to_owned(),
            name: Some(method.name().to_owned()),
            target,
            summary,
            description,
            deprecated: options.is_some_and(|options| {
                options.deprecated() || says_deprecated(&options.uninterpreted_option)
            }),
            tags: vec![service.to_owned()],
            inputs: vec![payload(method.input_type(), method.client_streaming())],
            outputs: vec![payload(method.output_type(), method.server_streaming())],
            line: self.line(path),
            ..Operation::default()
        }
    }

    fn message(
        &self,
        path: &[i32],
        scope: &str,
        message: &DescriptorProto,
        found: &mut Vec<TypeDef>,
    ) {
        let full = join(scope, message.name());
        let fields = (0..).zip(&message.field).map(|(at, field)| {
            let path = [path, &[2, at]].concat();
            self.field(&path, &full, message, field)
        });
        found.push(TypeDef {
            name: self.short(&full).to_owned(),
            kind: "message",
            description: self.comment(path).unwrap_or_default(),
            shape: Shape {
                fields: fields.collect(),
                ..Shape::plain("object")
            },
            line: self.line(path),
        });
        for (at, nested) in (0..).zip(&message.nested_type) {
            if !is_map_entry(nested) {
                self.message(&[path, &[3, at]].concat(), &full, nested, found);
            }
        }
        for (at, nested) in (0..).zip(&message.enum_type) {
            found.push(self.enumeration(&[path, &[4, at]].concat(), &full, nested));
        }
    }

    fn field(
        &self,
        path: &[i32],
        scope: &str,
        message: &DescriptorProto,
        field: &FieldDescriptorProto,
    ) -> Field {
        let mut shape = self.field_shape(scope, message, field);
        let optional = field.proto3_optional();
        shape.nullable = optional;
        let choice = field
            .oneof_index
            .filter(|_| !optional)
            .and_then(|at| message.oneof_decl.get(usize::try_from(at).ok()?));
        if let Some(choice) = choice {
            shape.limits.push(format!("oneof {}", choice.name()));
        }
        if let Some(default) = &field.default_value {
            shape.limits.push(format!("default {default}"));
        }
        let options = field.options.as_ref();
        Field {
            name: field.name().to_owned(),
            required: field.label == Some(Label::Required as i32),
            deprecated: options.is_some_and(|options| {
                options.deprecated() || says_deprecated(&options.uninterpreted_option)
            }),
            description: self.comment(path).unwrap_or_default(),
            number: field.number,
            shape,
            ..Field::default()
        }
    }

    fn field_shape(
        &self,
        scope: &str,
        message: &DescriptorProto,
        field: &FieldDescriptorProto,
    ) -> Shape {
        let entry = message.nested_type.iter().find(|nested| {
            is_map_entry(nested) && field.type_name().rsplit('.').next() == Some(nested.name())
        });
        if let Some(entry) = entry {
            let [key, value] = entry.field.as_slice() else {
                return Shape::plain("map");
            };
            let mut shape = Shape {
                kind: "map".to_owned(),
                items: Some(Box::new(self.single(scope, value))),
                ..Shape::default()
            };
            shape
                .limits
                .push(format!("key {}", self.single(scope, key).kind));
            return shape;
        }
        let single = self.single(scope, field);
        if field.label == Some(Label::Repeated as i32) {
            Shape::array(single)
        } else {
            single
        }
    }

    fn single(&self, scope: &str, field: &FieldDescriptorProto) -> Shape {
        match &field.type_name {
            Some(name) => self.named(scope, name),
            None => Shape::plain(match field.r#type() {
                Type::Double => "double",
                Type::Float => "float",
                Type::Int64 => "int64",
                Type::Uint64 => "uint64",
                Type::Int32 => "int32",
                Type::Fixed64 => "fixed64",
                Type::Fixed32 => "fixed32",
                Type::Bool => "bool",
                Type::String => "string",
                Type::Group => "group",
                Type::Message => "message",
                Type::Bytes => "bytes",
                Type::Uint32 => "uint32",
                Type::Enum => "enum",
                Type::Sfixed32 => "sfixed32",
                Type::Sfixed64 => "sfixed64",
                Type::Sint32 => "sint32",
                Type::Sint64 => "sint64",
            }),
        }
    }

    /// A name as the scope sees it: the innermost meaning counts.
    fn named(&self, scope: &str, name: &str) -> Shape {
        if let Some(full) = name.strip_prefix('.') {
            return Shape::named(self.short(full));
        }
        let mut scope = Some(scope);
        while let Some(within) = scope {
            let full = join(within, name);
            if self.known.contains(&full) {
                return Shape::named(self.short(&full));
            }
            scope = match within.rsplit_once('.') {
                Some((outer, _)) => Some(outer),
                None => (!within.is_empty()).then_some(""),
            };
        }
        Shape::named(name)
    }

    /// Without the package, for names that this file defines.
    fn short<'n>(&self, full: &'n str) -> &'n str {
        if self.package.is_empty() || !self.known.contains(full) {
            return full;
        }
        let rest = full.strip_prefix(self.package.as_str());
        rest.and_then(|rest| rest.strip_prefix('.')).unwrap_or(full)
    }

    fn enumeration(&self, path: &[i32], scope: &str, found: &EnumDescriptorProto) -> TypeDef {
        let fields = (0..).zip(&found.value).map(|(at, value)| {
            let options = value.options.as_ref();
            Field {
                name: value.name().to_owned(),
                number: value.number,
                description: self.comment(&[path, &[2, at]].concat()).unwrap_or_default(),
                deprecated: options.is_some_and(|options| {
                    options.deprecated() || says_deprecated(&options.uninterpreted_option)
                }),
                shape: Shape::plain("value"),
                ..Field::default()
            }
        });
        TypeDef {
            name: self.short(&join(scope, found.name())).to_owned(),
            kind: "enum",
            description: self.comment(path).unwrap_or_default(),
            shape: Shape {
                fields: fields.collect(),
                values: found
                    .value
                    .iter()
                    .map(|value| value.name().to_owned())
                    .collect(),
                ..Shape::plain("enum")
            },
            line: self.line(path),
        }
    }
}

fn names(scope: &str, message: &DescriptorProto, known: &mut HashSet<String>) {
    let full = join(scope, message.name());
    for nested in &message.nested_type {
        names(&full, nested, known);
    }
    known.extend(
        message
            .enum_type
            .iter()
            .map(|found| join(&full, found.name())),
    );
    known.insert(full);
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() {
        name.to_owned()
    } else {
        format!("{scope}.{name}")
    }
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message
        .options
        .as_ref()
        .is_some_and(|options| options.map_entry())
}

/// The parser leaves options as they are written.
fn says_deprecated(options: &[UninterpretedOption]) -> bool {
    options.iter().any(|option| {
        let [part] = option.name.as_slice() else {
            return false;
        };
        part.name_part == "deprecated" && option.identifier_value.as_deref() == Some("true")
    })
}

/// A comment without the marks that stand before each line.
fn plain(comment: &str) -> String {
    let lines: Vec<&str> = comment
        .lines()
        .map(|line| line.trim().trim_start_matches('*').trim())
        .collect();
    lines.join("\n").trim().to_owned()
}
