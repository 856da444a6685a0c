//! One question of a form.

/// What kind of text an input takes: its type, and so the keyboard of a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Any text.
    #[default]
    Text,
    /// A mail address.
    Email,
    /// An address of the web.
    Url,
    /// A telephone number.
    Tel,
    /// What is looked for.
    Search,
}

impl TextKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Url => "url",
            Self::Tel => "tel",
            Self::Search => "search",
        }
    }
}

/// One of several answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// More about it; may be empty.
    pub note: String,
    /// A tag beside it, such as `recommended`; may be empty.
    pub tag: String,
}

impl Choice {
    /// A choice that reads as it is sent.
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            text: value.clone(),
            value,
            ..Self::default()
        }
    }

    /// A choice with a text.
    pub fn named(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            ..Self::default()
        }
    }
}

/// What a field asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// One line.
    Text {
        /// Which keyboard.
        kind: TextKind,
        /// Answers that the browser proposes; others are possible.
        proposals: Vec<String>,
        /// What stands behind the box, such as `.acme.example`; may be empty.
        unit: String,
        /// The longest answer, in characters.
        max_length: Option<u32>,
    },
    /// Several lines.
    Multiline {
        /// Height in lines.
        rows: u8,
    },
    /// Code or data: a fixed-width box that does not correct spelling.
    Code {
        /// The language, such as `YAML`; shown beside the label.
        language: String,
        /// Height in lines.
        rows: u8,
    },
    /// A number; `whole` for integers.
    Number {
        /// The least.
        min: Option<f64>,
        /// The most.
        max: Option<f64>,
        /// Only whole numbers.
        whole: bool,
        /// What stands behind the box; may be empty.
        unit: String,
    },
    /// A number between two others, with a slider beside the box.
    Range {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// The step.
        step: f64,
    },
    /// Yes or no; sends `true` when it is on, nothing when off.
    Switch,
    /// One of several, in a closed list.
    Select {
        /// In order.
        choices: Vec<Choice>,
    },
    /// One of a few, all in sight.
    Radio {
        /// In order.
        choices: Vec<Choice>,
    },
    /// Any of several; each is sent with the field's name.
    Checkboxes {
        /// In order.
        choices: Vec<Choice>,
    },
    /// Something that must not be seen; never written back into the page.
    Secret,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Day and time, in the visitor's zone.
    DateTime,
    /// A file; the form is then sent as `multipart/form-data`.
    File {
        /// Types and endings, such as `.yaml,.yml`; may be empty.
        accept: String,
        /// More than one.
        many: bool,
    },
    /// Fields that belong together.
    Group {
        /// In order; their names are relative to the group's.
        fields: Vec<Field>,
    },
    /// As many as needed, each like `item`. Buttons that submit the form add,
    /// remove and move items.
    List {
        /// What a new item looks like; its name is not used.
        item: Box<Field>,
        /// The items.
        items: Vec<Field>,
        /// No fewer than these; they cannot be removed.
        min: usize,
        /// No more than these.
        max: usize,
    },
    /// A value that cannot be changed here; shown and sent along.
    Fixed,
}

impl FieldKind {
    /// One line of any text.
    pub fn text() -> Self {
        Self::Text {
            kind: TextKind::Text,
            proposals: Vec::new(),
            unit: String::new(),
            max_length: None,
        }
    }

    /// A whole number without bounds.
    pub fn integer() -> Self {
        Self::Number {
            min: None,
            max: None,
            whole: true,
            unit: String::new(),
        }
    }

    /// Fields that belong together.
    pub fn group(fields: Vec<Field>) -> Self {
        Self::Group { fields }
    }

    /// A list without items, of at most 100.
    pub fn list(item: Field) -> Self {
        Self::List {
            item: Box::new(item),
            items: Vec::new(),
            min: 0,
            max: 100,
        }
    }

    /// Answers of a closed question: radio buttons for up to four choices, a
    /// list for more.
    pub fn one_of(choices: Vec<Choice>) -> Self {
        if choices.len() <= 4 {
            Self::Radio { choices }
        } else {
            Self::Select { choices }
        }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What is sent, relative to the group or list around it. No points.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What it is for; may be empty.
    pub help: String,
    /// What it asks for.
    pub kind: FieldKind,
    /// The answer; several only for check boxes.
    pub values: Vec<String>,
    /// Whether it must be answered. Fields that need not be say so.
    pub required: bool,
    /// An example of an answer; may be empty.
    pub placeholder: String,
    /// What is wrong with the answer.
    pub error: Option<String>,
    /// What is right about the answer.
    pub praise: Option<String>,
    /// Why it cannot be answered; empty when it can.
    pub locked: String,
    /// The browser's autofill token; `off` when empty.
    pub autocomplete: String,
    /// Whether other fields depend on its answer: a change shows the form anew.
    pub refreshes: bool,
}

impl Field {
    /// A question that may stay unanswered.
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: String::new(),
            kind,
            values: Vec::new(),
            required: false,
            placeholder: String::new(),
            error: None,
            praise: None,
            locked: String::new(),
            autocomplete: String::new(),
            refreshes: false,
        }
    }

    /// It must be answered.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets what it is for.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Sets the answer.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.values = vec![value.into()];
        self
    }

    /// Sets several answers of check boxes.
    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets an example.
    #[must_use]
    pub fn placeholder(mut self, example: impl Into<String>) -> Self {
        self.placeholder = example.into();
        self
    }

    /// Sets what is wrong.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// Sets what is right.
    #[must_use]
    pub fn praise(mut self, praise: impl Into<String>) -> Self {
        self.praise = Some(praise.into());
        self
    }

    /// It cannot be answered, and why.
    #[must_use]
    pub fn locked(mut self, reason: impl Into<String>) -> Self {
        self.locked = reason.into();
        self
    }

    /// Other fields depend on it.
    #[must_use]
    pub fn refreshing(mut self) -> Self {
        self.refreshes = true;
        self
    }
}
