//! Terminal colours in lines of a log (ECMA-48, 8.3.117 SGR). Everything else
//! that a terminal would obey is left out.

/// Text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// What is written.
    pub text: String,
    /// `bad`, `ok`, `warn`, `info`, `neutral` or nothing.
    pub tone: &'static str,
    /// Strong.
    pub bold: bool,
}

impl Run {
    /// Text without any look.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// A state that carries on over the lines of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pen {
    tone: &'static str,
    bold: bool,
}

impl Pen {
    /// Reads one line. What stands before a bare carriage return was written
    /// over, so only the last part remains.
    pub fn line(&mut self, line: &str) -> Vec<Run> {
        let line = line.trim_end_matches(['\r', '\n']);
        let mut runs: Vec<Run> = Vec::new();
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\u{1b}' => match chars.peek() {
                    Some('[') => {
                        chars.next();
                        self.control(&mut chars);
                    }
                    Some(']') => skip_string(&mut chars),
                    _ => {
                        chars.next();
                    }
                },
                '\u{9b}' => self.control(&mut chars),
                '\r' => runs.clear(),
                '\t' => self.write(&mut runs, '\t'),
                c if c.is_control() => {}
                c => self.write(&mut runs, c),
            }
        }
        runs
    }

    fn write(&self, runs: &mut Vec<Run>, c: char) {
        match runs.last_mut() {
            Some(run) if run.tone == self.tone && run.bold == self.bold => run.text.push(c),
            _ => runs.push(Run {
                text: c.to_string(),
                tone: self.tone,
                bold: self.bold,
            }),
        }
    }

    /// Parameters up to the final byte; only `m` means something here.
    fn control(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        const LONGEST: usize = 64;
        let mut parameters = String::new();
        for c in chars.by_ref() {
            match c {
                '@'..='~' => {
                    if c == 'm' {
                        self.select(&parameters);
                    }
                    return;
                }
                c if parameters.len() < LONGEST => parameters.push(c),
                _ => {}
            }
        }
    }

    fn select(&mut self, parameters: &str) {
        let mut codes = parameters
            .split([';', ':'])
            .map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                22 => self.bold = false,
                31 | 91 => self.tone = "bad",
                32 | 92 => self.tone = "ok",
                33 | 93 => self.tone = "warn",
                34 | 36 | 94 | 96 => self.tone = "info",
                35 | 95 => self.tone = "accent",
                2 | 90 => self.tone = "neutral",
                30 | 37 | 39 | 97 => self.tone = "",
                // 256 colours and RGB: the look has five tones, so they are passed over.
                38 | 48 => match codes.next() {
                    Some(5) => {
                        codes.next();
                    }
                    Some(2) => {
                        codes.nth(2);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// A string of the operating system ends with BEL or ESC \.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        if c == '\u{7}' {
            return;
        }
        if c == '\u{1b}' {
            chars.next();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(line: &str) -> Vec<(String, &'static str, bool)> {
        Pen::default()
            .line(line)
            .into_iter()
            .map(|run| (run.text, run.tone, run.bold))
            .collect()
    }

    #[test]
    fn colours_become_tones() {
        assert_eq!(
            runs("\u{1b}[1;31merror\u{1b}[0m: \u{1b}[38;5;12mx\u{1b}[38;2;1;2;3my"),
            [
                ("error".to_owned(), "bad", true),
                (": xy".to_owned(), "", false),
            ]
        );
    }

    #[test]
    fn what_is_no_colour_leaves_no_trace() {
        assert_eq!(
            runs("\u{1b}]0;title\u{7}a\u{1b}[2Kb\u{1b}[?25lc\u{7}\u{1b}("),
            [("abc".to_owned(), "", false)]
        );
        assert_eq!(
            runs("10 %\r50 %\r100 %\r"),
            [("100 %".to_owned(), "", false)]
        );
        assert_eq!(runs("\u{1b}["), []);
        assert_eq!(runs("\u{1b}"), []);
    }

    #[test]
    fn colours_carry_on() {
        let mut pen = Pen::default();
        pen.line("\u{1b}[32mone");
        assert_eq!(pen.line("two").first().map(|run| run.tone), Some("ok"));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in r"[\x1b\u{9b}\[\\]0-9;:mK\r\u{7}a-zé ]{0,60}") {
            let text: String = Pen::default().line(&line).into_iter().map(|run| run.text).collect();
            let clean = !text.contains(['\u{1b}', '\r']);
            proptest::prop_assert!(clean, "{:?}", text);
        }
    }
}
