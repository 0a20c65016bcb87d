//! events -> terminal, JSON, `JUnit`; and the folder of a run, written and read.
//!
//! Reporters consume the events of `gbaspec_case::event`; they see no sockets and no roles. Only
//! this crate knows JSON: the typed values of `case` are not serializable, and each JSON shape has
//! its own plain form in `plain/`. `README.md` of this folder documents every shape.
//!
//! ```text
//! Event ──┬─► Terminal   for people
//!         ├─► Json       gbaspec.run/1
//!         ├─► Junit      for CI
//!         ├─► Tap        for CI
//!         └─► Recorder   run folder ── read_run ──► StoredRun ── replay ──► any Reporter
//! ```
//!
//! Whatever a target sent is hostile: text for people and XML pass through [`escape::shown`], and
//! JSON is written in ASCII.

pub mod conclusion;
mod documents;
pub mod escape;
mod json;
mod junit;
mod plain;
mod reader;
mod recorder;
mod tap;
mod terminal;
mod text;

use std::io::{self, Write};

use gbaspec_case::event::{Event, RunSummary};

pub use crate::conclusion::Conclusion;
pub use crate::documents::{coverage_json, list_json, prove_json};
pub use crate::json::Json;
pub use crate::junit::Junit;
pub use crate::reader::{ReadError, StoredRun, read_run, recover_run};
pub use crate::recorder::Recorder;
pub use crate::tap::Tap;
pub use crate::terminal::Terminal;
pub use crate::text::{coverage_text, list_text, prove_text};

/// A consumer of the events of one run.
pub trait Reporter {
    /// Takes the next event. The runner gives every event of the run, in order.
    ///
    /// # Errors
    ///
    /// An error of the writer; the report is then not complete.
    fn on_event(&mut self, event: &Event) -> io::Result<()>;

    /// Ends the report. It is called exactly once, also when the run was interrupted; the counts of
    /// `run` are the ones that the report states.
    ///
    /// # Errors
    ///
    /// An error of the writer; the report is then not complete.
    fn finish(&mut self, run: &RunSummary) -> io::Result<()>;
}

/// The formats of a report of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Terminal,
    /// One `gbaspec.run/1` document.
    Json,
    /// The XML that CI systems read.
    Junit,
    /// The Test Anything Protocol.
    Tap,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Json, Self::Junit, Self::Tap];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Tap => "tap",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// How text for people looks. The default suits a file or a pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used.
    pub colour: Colour,
    /// Whether the progress line may be redrawn.
    pub progress: Progress,
    /// How much is told of what is not wrong.
    pub detail: Detail,
}

/// Whether colours are used. They never stand alone: a word says the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    #[default]
    Off,
    /// ANSI colours.
    On,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A line when a group is done; no cursor movement.
    #[default]
    Plain,
    /// The line of the current group is redrawn in place; for a terminal only.
    Live,
}

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What is wrong, and counts of the rest.
    #[default]
    Brief,
    /// Each warning, each inconclusive case and each table row as well.
    Verbose,
}

/// The reporter of this format. `style` matters to text for people only.
pub fn reporter(format: Format, out: Box<dyn Write + Send>, style: Style) -> Box<dyn Reporter> {
    match format {
        Format::Terminal => Box::new(Terminal::new(out, style)),
        Format::Json => Box::new(Json::new(out)),
        Format::Junit => Box::new(Junit::new(out)),
        Format::Tap => Box::new(Tap::new(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.as_str()), Some(format));
        }
        assert_eq!(Format::from_name("yaml"), None);
    }
}
