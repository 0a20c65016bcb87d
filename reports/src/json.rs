//! `gbaspec.run/1` on a stream: one document when the run is over.

use std::fmt;
use std::io::{self, Write};

use gbaspec_case::event::{Event, RunSummary};

use crate::Reporter;
use crate::plain;
use crate::plain::run::Collector;

/// Collects a run and writes one `gbaspec.run/1` document at its end.
///
/// The document names no transcripts, because it belongs to no folder; `Recorder` writes the same
/// shape with them.
pub struct Json {
    out: Box<dyn Write + Send>,
    run: Collector,
}

impl Json {
    /// A reporter that writes to `out`.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            run: Collector::default(),
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Reporter for Json {
    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.run.on_event(event, None);
        Ok(())
    }

    fn finish(&mut self, run: &RunSummary) -> io::Result<()> {
        let text = plain::document(&self.run.document(run, Vec::new()))?;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}
