//! From offsets in bytes to lines and columns.

use model::yaml::Mark;

/// Where the lines of a text begin.
pub(super) struct Lines {
    starts: Vec<usize>,
    text: String,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(breaks).collect(),
            text: text.to_owned(),
        }
    }

    /// The line, from 1, of an offset in bytes.
    pub(super) fn line(&self, offset: usize) -> u32 {
        as_u32(self.starts.partition_point(|start| *start <= offset))
    }

    /// Line and column (in characters), both from 1, of an offset in bytes.
    pub(super) fn mark(&self, offset: usize) -> Mark {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let before = self
            .text
            .get(start..offset)
            .map_or(0, |text| text.chars().count());
        Mark::new(as_u32(line), as_u32(before + 1))
    }

    /// The offset in bytes where a line (from 1) begins.
    pub(super) fn start(&self, line: usize) -> Option<usize> {
        self.starts.get(line.checked_sub(1)?).copied()
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
