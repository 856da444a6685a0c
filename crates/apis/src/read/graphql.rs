//! GraphQL's schema definition language (October 2021).

use std::collections::HashMap;

use apollo_parser::cst::{self, CstNode};
use apollo_parser::{Parser, SyntaxNode};
use model::diagnostic::Diagnostic;
use model::yaml::Mark;

use super::lines::Lines;
use crate::doc::{ApiDoc, Field, Format, Operation, Payload, Shape, TypeDef};
use model::quoted;

/// Types inside types and values inside values.
const MAX_DEPTH: usize = 100;
/// Words and marks of one definition.
const MAX_TOKENS: usize = 4_000_000;
const MAX_PROBLEMS: usize = 50;

/// Reads a schema. What cannot be read is left out and reported.
pub(super) fn read(text: &str) -> Result<ApiDoc, Vec<Diagnostic>> {
    let lines = Lines::of(text);
    let tree = Parser::new(text)
        .recursion_limit(MAX_DEPTH)
        .token_limit(MAX_TOKENS)
        .parse();
    let mut doc = ApiDoc::new(Format::GraphQl);
    doc.problems = tree
        .errors()
        .take(MAX_PROBLEMS)
        .map(|error| {
            Diagnostic::error(
                "api-graphql-syntax",
                quoted(error.message()).into_owned(),
            )
            .at(lines.mark(error.index()))
            .accepting("GraphQL's schema language: type, input, interface, union, enum, scalar, schema, extend, directive")
        })
        .collect();
    let mut reader = Reader {
        lines,
        roots: Vec::new(),
        types: Vec::new(),
        places: HashMap::new(),
    };
    for definition in tree.document().definitions() {
        reader.definition(&definition, &mut doc);
    }
    reader.finish(&mut doc);
    if doc.operations.is_empty() && doc.types.is_empty() {
        if doc.problems.is_empty() {
            doc.problems.push(
                Diagnostic::error("api-empty", "the schema defines no type")
                    .at(Mark::new(1, 1))
                    .accepting("at least `type Query { … }`"),
            );
        }
        return Err(doc.problems);
    }
    Ok(doc)
}

struct Reader {
    lines: Lines,
    /// `query` and the type that answers it, when the schema says so.
    roots: Vec<(&'static str, String)>,
    types: Vec<Found>,
    places: HashMap<String, usize>,
}

/// A type with what its fields are called with.
struct Found {
    def: TypeDef,
    fields: Vec<FieldFound>,
}

struct FieldFound {
    field: Field,
    arguments: Vec<Field>,
    reason: Option<String>,
    line: u32,
}

impl Reader {
    fn definition(&mut self, definition: &cst::Definition, doc: &mut ApiDoc) {
        use cst::Definition as D;
        match definition {
            D::SchemaDefinition(node) => {
                doc.description = described(node.description());
                self.roots(node.root_operation_type_definitions());
            }
            D::SchemaExtension(node) => self.roots(node.root_operation_type_definitions()),
            D::ScalarTypeDefinition(node) => {
                self.add(node.syntax(), "scalar", (node.name(), node.description()));
            }
            D::ObjectTypeDefinition(node) => {
                let at = self.add(node.syntax(), "object", (node.name(), node.description()));
                self.object(
                    at,
                    node.fields_definition().as_ref(),
                    node.implements_interfaces().as_ref(),
                );
            }
            D::ObjectTypeExtension(node) => {
                let at = self.add(node.syntax(), "object", (node.name(), None));
                self.object(
                    at,
                    node.fields_definition().as_ref(),
                    node.implements_interfaces().as_ref(),
                );
            }
            D::InterfaceTypeDefinition(node) => {
                let at = self.add(
                    node.syntax(),
                    "interface",
                    (node.name(), node.description()),
                );
                self.object(
                    at,
                    node.fields_definition().as_ref(),
                    node.implements_interfaces().as_ref(),
                );
            }
            D::InterfaceTypeExtension(node) => {
                let at = self.add(node.syntax(), "interface", (node.name(), None));
                self.object(at, node.fields_definition().as_ref(), None);
            }
            D::InputObjectTypeDefinition(node) => {
                let at = self.add(node.syntax(), "input", (node.name(), node.description()));
                self.input(at, node.input_fields_definition().as_ref());
            }
            D::InputObjectTypeExtension(node) => {
                let at = self.add(node.syntax(), "input", (node.name(), None));
                self.input(at, node.input_fields_definition().as_ref());
            }
            D::UnionTypeDefinition(node) => {
                let at = self.add(node.syntax(), "union", (node.name(), node.description()));
                self.union(at, node.union_member_types().as_ref());
            }
            D::UnionTypeExtension(node) => {
                let at = self.add(node.syntax(), "union", (node.name(), None));
                self.union(at, node.union_member_types().as_ref());
            }
            D::EnumTypeDefinition(node) => {
                let at = self.add(node.syntax(), "enum", (node.name(), node.description()));
                self.values(at, node.enum_values_definition().as_ref());
            }
            D::EnumTypeExtension(node) => {
                let at = self.add(node.syntax(), "enum", (node.name(), None));
                self.values(at, node.enum_values_definition().as_ref());
            }
            D::OperationDefinition(_) | D::FragmentDefinition(_) => {
                if doc.problems.len() < MAX_PROBLEMS {
                    doc.problems.push(
                        Diagnostic::error("api-graphql-query", "a query stands in the schema")
                            .at(self.lines.mark(start(definition.syntax())))
                            .accepting("definitions of types")
                            .fixed_by("move the query into a file of its own"),
                    );
                }
            }
            D::DirectiveDefinition(_) | D::ScalarTypeExtension(_) => {}
        }
    }

    fn roots(&mut self, roots: cst::CstChildren<cst::RootOperationTypeDefinition>) {
        for root in roots {
            let verb = match root.operation_type() {
                Some(kind) if kind.mutation_token().is_some() => "mutation",
                Some(kind) if kind.subscription_token().is_some() => "subscription",
                _ => "query",
            };
            let name = root.named_type().and_then(|named| named.name());
            if let Some(name) = named(name) {
                self.roots.push((verb, name));
            }
        }
    }

    /// Where the type of this name stands; a new one where there is none.
    fn add(
        &mut self,
        node: &SyntaxNode,
        kind: &'static str,
        (name, description): (Option<cst::Name>, Option<cst::Description>),
    ) -> Option<usize> {
        let name = named(name)?;
        if let Some(at) = self.places.get(&name) {
            return Some(*at);
        }
        let at = self.types.len();
        self.places.insert(name.clone(), at);
        self.types.push(Found {
            def: TypeDef {
                name,
                kind,
                description: described(description).unwrap_or_default(),
                shape: Shape::plain(match kind {
                    "enum" => "enum",
                    "union" => "",
                    "scalar" => "scalar",
                    _ => "object",
                }),
                line: self.lines.line(start(node)),
            },
            fields: Vec::new(),
        });
        Some(at)
    }

    fn object(
        &mut self,
        at: Option<usize>,
        fields: Option<&cst::FieldsDefinition>,
        interfaces: Option<&cst::ImplementsInterfaces>,
    ) {
        let lines = &self.lines;
        let Some(found) = at.and_then(|at| self.types.get_mut(at)) else {
            return;
        };
        for interface in interfaces.into_iter().flat_map(|list| list.named_types()) {
            if let Some(name) = named(interface.name()) {
                found.def.shape.limits.push(format!("implements {name}"));
            }
        }
        for node in fields.into_iter().flat_map(|list| list.field_definitions()) {
            let Some(name) = named(node.name()) else {
                continue;
            };
            let arguments = node.arguments_definition();
            let arguments = arguments
                .iter()
                .flat_map(|list| list.input_value_definitions())
                .filter_map(|node| value(&node, "argument"));
            let shape = node.ty().map_or_else(Shape::default, |ty| shape(&ty, 0));
            let (deprecated, reason) = deprecation(node.directives().as_ref());
            found.fields.push(FieldFound {
                arguments: arguments.collect(),
                field: Field {
                    name,
                    required: !shape.nullable,
                    deprecated,
                    description: described(node.description()).unwrap_or_default(),
                    shape,
                    ..Field::default()
                },
                reason,
                line: lines.line(start(node.syntax())),
            });
        }
    }

    fn input(&mut self, at: Option<usize>, fields: Option<&cst::InputFieldsDefinition>) {
        let Some(found) = at.and_then(|at| self.types.get_mut(at)) else {
            return;
        };
        let fields = fields
            .into_iter()
            .flat_map(|list| list.input_value_definitions());
        let fields = fields.filter_map(|node| value(&node, ""));
        found.def.shape.fields.extend(fields);
    }

    fn union(&mut self, at: Option<usize>, members: Option<&cst::UnionMemberTypes>) {
        let Some(found) = at.and_then(|at| self.types.get_mut(at)) else {
            return;
        };
        let members = members.into_iter().flat_map(|list| list.named_types());
        let members = members.filter_map(|member| named(member.name()));
        found.def.shape.one_of.extend(members.map(Shape::named));
    }

    fn values(&mut self, at: Option<usize>, values: Option<&cst::EnumValuesDefinition>) {
        let Some(found) = at.and_then(|at| self.types.get_mut(at)) else {
            return;
        };
        let values = values
            .into_iter()
            .flat_map(|list| list.enum_value_definitions());
        let values = values.filter_map(|node| named(node.enum_value()?.name()));
        found.def.shape.values.extend(values);
    }

    /// Fields of the roots become operations, everything else types.
    fn finish(self, doc: &mut ApiDoc) {
        let mut roots = self.roots;
        if roots.is_empty() {
            roots = [
                ("query", "Query"),
                ("mutation", "Mutation"),
                ("subscription", "Subscription"),
            ]
            .map(|(verb, name)| (verb, name.to_owned()))
            .to_vec();
        }
        for found in self.types {
            let root = roots.iter().find(|(_, name)| *name == found.def.name);
            if let Some((verb, _)) = root {
                let fields = found.fields.into_iter();
                doc.operations
                    .extend(fields.map(|field| operation(verb, field)));
                continue;
            }
            let mut def = found.def;
            def.shape
                .fields
                .extend(found.fields.into_iter().map(in_type));
            doc.types.push(def);
        }
    }
}

fn operation(verb: &str, found: FieldFound) -> Operation {
    let FieldFound {
        field,
        arguments,
        reason,
        line,
    } = found;
    let mut description = field.description;
    let summary = description
        .lines()
        .next()
        .filter(|line| !line.is_empty())
        .map(str::to_owned);
    if summary
        .as_ref()
        .is_some_and(|summary| *summary == description)
    {
        description.clear();
    }
    if let Some(reason) = reason {
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        description.push_str(&reason);
    }
    Operation {
        key: format!("{verb} {}", field.name),
        verb: verb.to_owned(),
        name: Some(field.name.clone()),
        target: field.name,
        summary,
        description: (!description.is_empty()).then_some(description),
        deprecated: field.deprecated,
        parameters: arguments,
        outputs: vec![Payload {
            required: field.required,
            shape: Some(field.shape),
            ..Payload::default()
        }],
        line,
        ..Operation::default()
    }
}

/// A field of a type; what it is called with stands among its limits.
fn in_type(found: FieldFound) -> Field {
    let mut field = found.field;
    for argument in &found.arguments {
        let mark = if argument.required { "!" } else { "" };
        field.shape.limits.push(format!(
            "({}: {}{mark})",
            argument.name,
            argument.shape.words()
        ));
    }
    field
}

fn value(node: &cst::InputValueDefinition, place: &'static str) -> Option<Field> {
    let mut shape = node.ty().map_or_else(Shape::default, |ty| shape(&ty, 0));
    let default = node.default_value().and_then(|default| default.value());
    let required = !shape.nullable && default.is_none();
    if let Some(default) = default {
        let text = default.source_string();
        shape.limits.push(format!("default {}", text.trim()));
    }
    Some(Field {
        name: named(node.name())?,
        place,
        required,
        deprecated: deprecation(node.directives().as_ref()).0,
        description: described(node.description()).unwrap_or_default(),
        shape,
        ..Field::default()
    })
}

/// `[Order!]!` is an array, not nullable, of `Order`, not nullable.
fn shape(ty: &cst::Type, depth: usize) -> Shape {
    if depth > MAX_DEPTH {
        return Shape::default();
    }
    let list = |list: &cst::ListType| {
        let items = list
            .ty()
            .map_or_else(Shape::default, |ty| shape(&ty, depth + 1));
        Shape::array(items)
    };
    match ty {
        cst::Type::NamedType(node) => Shape {
            nullable: true,
            ..typed(node)
        },
        cst::Type::ListType(node) => Shape {
            nullable: true,
            ..list(node)
        },
        cst::Type::NonNullType(node) => match (node.named_type(), node.list_type()) {
            (Some(node), _) => typed(&node),
            (None, Some(node)) => list(&node),
            (None, None) => Shape::default(),
        },
    }
}

fn typed(node: &cst::NamedType) -> Shape {
    let name = named(node.name()).unwrap_or_default();
    match name.as_str() {
        "Int" | "Float" | "String" | "Boolean" | "ID" => Shape::plain(name),
        _ => Shape::named(name),
    }
}

fn named(name: Option<cst::Name>) -> Option<String> {
    Some(name?.text().to_string()).filter(|name| !name.is_empty())
}

fn described(description: Option<cst::Description>) -> Option<String> {
    let text = String::from(&description?.string_value()?);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether `@deprecated` is there, and its reason.
fn deprecation(directives: Option<&cst::Directives>) -> (bool, Option<String>) {
    let found = directives
        .into_iter()
        .flat_map(|list| list.directives())
        .find(|found| named(found.name()).as_deref() == Some("deprecated"));
    let Some(found) = found else {
        return (false, None);
    };
    let reason = found
        .arguments()
        .iter()
        .flat_map(|list| list.arguments())
        .find(|argument| named(argument.name()).as_deref() == Some("reason"))
        .and_then(|argument| match argument.value()? {
            cst::Value::StringValue(text) => Some(String::from(&text)),
            _ => None,
        });
    (true, reason)
}

fn start(node: &SyntaxNode) -> usize {
    usize::from(node.text_range().start())
}
