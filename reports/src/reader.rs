//! Reads the folder of a run back, and refuses what is not what was written.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use gbaspec_case::event::{CaseResult, Event, RunInfo, RunSummary};
use gbaspec_case::transcript::Evidence;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::Reporter;
use crate::escape::shown;
use crate::plain::event::{self, EventLine, PlainFinished};
use crate::plain::run::{self, CaseFiles, Collector, PlainFile, PlainFound, RunDocument};
use crate::plain::transcript::{self, TranscriptDocument};
use crate::recorder::{EVENTS, FOUND, RESULT, TRANSCRIPTS, sha256};

/// The largest transcript that is read, in octets. The driver cuts what a target sends far below.
const LARGEST_TRANSCRIPT: u64 = 64 << 20;
/// The largest list of events and the largest result that are read, in octets.
const LARGEST_LIST: u64 = 512 << 20;
/// The most evidence that one run may hold, in octets, because all of it is kept in memory.
const LARGEST_EVIDENCE: u64 = 2 << 30;
/// The exit code of an interrupted run.
const INTERRUPTED: u8 = 130;

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// What was known before the first case.
    pub info: RunInfo,
    /// All events in order, with the evidence of each case.
    pub events: Vec<Event>,
    /// The counts as they were recorded; counted anew for a run that broke off.
    pub summary: RunSummary,
    /// Whether cases of the plan have neither a verdict nor a reason.
    pub partial: bool,
}

impl StoredRun {
    /// The results of all cases that were run, in order, verdicts as recorded.
    pub fn cases(&self) -> impl Iterator<Item = &CaseResult> {
        self.events.iter().filter_map(|event| match event {
            Event::CaseFinished(result) => Some(result.as_ref()),
            _ => None,
        })
    }

    /// Gives the run to a reporter, as if it happened now.
    ///
    /// # Errors
    ///
    /// Those of the reporter.
    pub fn replay(&self, reporter: &mut dyn Reporter) -> io::Result<()> {
        for event in &self.events {
            reporter.on_event(event)?;
        }
        reporter.finish(&self.summary)
    }
}

/// Why the folder of a run cannot be read. `file` is relative to the folder.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A file is not there.
    #[error("{file}: missing")]
    Missing {
        /// The file.
        file: String,
    },
    /// A file is not what was recorded.
    #[error("{file}: altered: {reason}")]
    Altered {
        /// The file.
        file: String,
        /// How that shows.
        reason: String,
    },
    /// A file is no valid document.
    #[error("{file}:{line}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The rule that it breaks.
        reason: String,
    },
    /// A file is larger than any run makes it.
    #[error("{file}: larger than {limit} octets")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit, in octets.
        limit: u64,
    },
    /// The operating system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What it said.
        source: io::Error,
    },
}

/// Reads the folder of a run that was finished, and checks it: every digest of `result.json` must
/// fit, and `result.json` must say what the events say.
///
/// # Errors
///
/// The first file that is missing, altered or malformed, by name, line and reason.
pub fn read_run(dir: &Path) -> Result<StoredRun, ReadError> {
    let result: RunDocument = parse(RESULT, 1, &read(dir, RESULT, LARGEST_LIST)?)?;
    check_schema(RESULT, &result.schema, run::SCHEMA)?;
    let events = read(dir, EVENTS, LARGEST_LIST)?;
    let Some(listed) = result.files.iter().find(|file| file.file == EVENTS) else {
        return Err(altered(RESULT, format!("it gives no digest of {EVENTS}")));
    };
    check_digest(listed, &events)?;

    let mut folder = Folder::new(dir, listed.clone());
    let stored = folder.run(&events)?;
    if folder.collector.document(&stored.summary, folder.files) != result {
        return Err(altered(
            RESULT,
            format!("it does not say what {EVENTS} says"),
        ));
    }
    Ok(stored)
}

/// Reads what is left of a run that broke off before its `result.json` was written, without looking
/// at `result.json`. Each transcript must fit the digest in the events; a last line that was cut off
/// is left out. Nothing vouches for the events themselves, so use `read_run` wherever it works.
///
/// # Errors
///
/// The first file that is missing, altered or malformed, by name, line and reason.
pub fn recover_run(dir: &Path) -> Result<StoredRun, ReadError> {
    let mut events = read(dir, EVENTS, LARGEST_LIST)?;
    let whole = events
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    events.truncate(whole);
    let listed = PlainFile {
        file: EVENTS.to_owned(),
        sha256: sha256(&events),
    };
    Folder::new(dir, listed).run(&events)
}

/// What is gathered while the folder of a run is read.
struct Folder<'a> {
    dir: &'a Path,
    collector: Collector,
    files: Vec<PlainFile>,
    counted: RunSummary,
    octets_left: u64,
}

impl<'a> Folder<'a> {
    fn new(dir: &'a Path, events: PlainFile) -> Self {
        Self {
            dir,
            collector: Collector::default(),
            files: vec![events],
            counted: RunSummary::default(),
            octets_left: LARGEST_EVIDENCE,
        }
    }

    fn run(&mut self, events: &[u8]) -> Result<StoredRun, ReadError> {
        let mut info = None;
        let mut summary = None;
        let mut stored = Vec::new();
        for (index, line) in events.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let event = self.event(index + 1, line)?;
            match &event {
                Event::RunStarted(started) if info.is_none() => info = Some(started.clone()),
                Event::RunStarted(_) => return Err(malformed(index + 1, "a second start")),
                Event::RunFinished(run) => summary = Some(run.clone()),
                _ => {}
            }
            if info.is_none() {
                return Err(malformed(index + 1, "the first event is not `run-started`"));
            }
            stored.push(event);
        }
        let Some(info) = info else {
            return Err(malformed(1, "there is no event"));
        };
        let summary = summary.unwrap_or_else(|| self.broken_off(&info));
        let partial = summary.is_partial();
        Ok(StoredRun {
            info,
            events: stored,
            summary,
            partial,
        })
    }

    fn event(&mut self, line: usize, bytes: &[u8]) -> Result<Event, ReadError> {
        let plain: EventLine = parse(EVENTS, line, bytes)?;
        if let EventLine::RunStarted { schema, .. } = &plain {
            check_schema(EVENTS, schema, event::SCHEMA)?;
        }
        let mut names = None;
        let event = plain.into_event(|finished| {
            let found = finished.found.as_ref();
            let found = found.and_then(|found| found.file.clone());
            names = Some((finished.transcript.file.clone(), found));
            self.evidence(line, finished)
        })?;
        let files = names.as_ref().map(|(transcript, found)| CaseFiles {
            transcript,
            found: found.as_deref(),
        });
        self.collector.on_event(&event, files);
        match &event {
            Event::CaseFinished(result) => self.counted.count(&result.verdict),
            Event::CaseSkipped { .. } => self.counted.skipped += 1,
            _ => {}
        }
        Ok(event)
    }

    fn evidence(&mut self, line: usize, finished: &PlainFinished) -> Result<Evidence, ReadError> {
        let listed = &finished.transcript;
        if !is_name_in(TRANSCRIPTS, &listed.file) {
            return Err(malformed(line, "the transcript is no file of this folder"));
        }
        let file = listed.file.as_str();
        let bytes = read(self.dir, file, LARGEST_TRANSCRIPT.min(self.octets_left))?;
        self.octets_left = self.octets_left.saturating_sub(bytes.len() as u64);
        check_digest(listed, &bytes)?;
        let document: TranscriptDocument = parse(file, 1, &bytes)?;
        check_schema(file, &document.schema, transcript::SCHEMA)?;
        if document.id != finished.case.id {
            return Err(altered(file, "it belongs to another case".to_owned()));
        }
        self.files.push(listed.clone());
        if let Some(found) = &finished.found {
            self.found(line, found)?;
        }
        Ok(Evidence::from(document))
    }

    /// The case file of a sequence holds what the event says.
    fn found(&mut self, line: usize, found: &PlainFound) -> Result<(), ReadError> {
        let Some(file) = &found.file else {
            return Err(malformed(line, "the sequence that was found has no file"));
        };
        if !is_name_in(FOUND, file) {
            return Err(malformed(line, "the case file is no file of this folder"));
        }
        let listed = PlainFile {
            file: file.clone(),
            sha256: sha256(found.text.as_bytes()),
        };
        check_digest(&listed, &read(self.dir, file, LARGEST_TRANSCRIPT)?)?;
        self.files.push(listed);
        Ok(())
    }

    /// The counts of a run that wrote no `run-finished`.
    fn broken_off(&self, info: &RunInfo) -> RunSummary {
        RunSummary {
            planned: info.planned,
            stopped: Some("the run broke off".to_owned()),
            exit_code: INTERRUPTED,
            ..self.counted.clone()
        }
    }
}

fn read(dir: &Path, file: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing {
            file: file.to_owned(),
        },
        _ => ReadError::Io {
            file: file.to_owned(),
            source,
        },
    };
    let mut bytes = Vec::new();
    let opened = File::open(dir.join(file)).map_err(failed)?;
    opened
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge {
            file: file.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Parses a document that begins at `first_line` of its file.
fn parse<T: DeserializeOwned>(file: &str, first_line: usize, bytes: &[u8]) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| ReadError::Malformed {
        file: file.to_owned(),
        line: first_line + error.line().saturating_sub(1),
        reason: shown(&error.to_string()).into_owned(),
    })
}

fn check_schema(file: &str, found: &str, known: &str) -> Result<(), ReadError> {
    if found == known {
        return Ok(());
    }
    let reason = format!(
        "the schema is `{}`, this version reads `{known}`",
        shown(found)
    );
    Err(ReadError::Malformed {
        file: file.to_owned(),
        line: 1,
        reason,
    })
}

fn check_digest(listed: &PlainFile, bytes: &[u8]) -> Result<(), ReadError> {
    if listed.sha256 == sha256(bytes) {
        return Ok(());
    }
    Err(altered(
        &listed.file,
        "its digest (SHA-256) is not the recorded one".to_owned(),
    ))
}

/// Whether this is a plain name inside a folder of the run: the events are data, and data must not
/// choose what is read.
fn is_name_in(folder: &str, file: &str) -> bool {
    let name = file
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'%' | b'~')
            })
    })
}

fn altered(file: &str, reason: String) -> ReadError {
    ReadError::Altered {
        file: file.to_owned(),
        reason,
    }
}

fn malformed(line: usize, reason: &str) -> ReadError {
    ReadError::Malformed {
        file: EVENTS.to_owned(),
        line,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{TRANSCRIPTS, is_name_in};

    #[rstest]
    #[case::as_recorded("transcripts/ub__resync__fresh~2.json", true)]
    #[case::escaped("transcripts/%2E.__x.json", true)]
    #[case::a_way_out("transcripts/../secret", false)]
    #[case::a_hidden_file("transcripts/.x", false)]
    #[case::the_folder("transcripts/", false)]
    #[case::an_absolute_path("/etc/passwd", false)]
    #[case::another_separator("transcripts/..\\x", false)]
    #[case::another_folder("transcripts2/x", false)]
    fn accepts_names_inside_the_folder_only(#[case] file: &str, #[case] expected: bool) {
        assert_eq!(is_name_in(TRANSCRIPTS, file), expected);
    }
}
